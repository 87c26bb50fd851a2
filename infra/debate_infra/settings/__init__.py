"""What a stack is told, checked before any resource exists."""
