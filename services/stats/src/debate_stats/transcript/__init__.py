"""Reading a transcript: its segments, speech and words as columns."""
