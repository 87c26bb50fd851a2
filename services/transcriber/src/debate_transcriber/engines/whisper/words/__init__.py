"""Words from text: aligned with what the decoder attended to, loops broken, with their times."""
