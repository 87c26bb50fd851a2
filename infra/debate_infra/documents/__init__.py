"""What AWS is told, as plain data: nothing here is made."""
