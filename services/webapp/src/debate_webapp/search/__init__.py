"""Finding what was said: words as they are compared, questions, passages, hits, counts."""
