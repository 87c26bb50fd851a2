"""Who spoke when: speakers as numbers, their spans, turns and what passes between them."""
