"""What a job leaves: its names and its `media.json`."""
