"""How far a transcript is from a reference: words, turns, and whose words they are."""
