"""What is read: rows, voices, people and figures as they are by now."""
