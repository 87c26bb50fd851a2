"""What lets somebody in: passwords, sessions, one-time links, tokens, the second factor."""
