"""The users, and what their site has of the outside."""
