"""What several flows share, in the same rooms as theirs."""
