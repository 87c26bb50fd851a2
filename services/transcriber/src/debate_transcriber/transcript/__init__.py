"""Words and turns to a transcript: which word is whose, its lines, its files."""
