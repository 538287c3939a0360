"""« Fermer mon compte »: a flow that a host adds."""
