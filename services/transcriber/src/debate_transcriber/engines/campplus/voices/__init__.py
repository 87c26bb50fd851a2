"""From the parts of all windows to voices: clusters, what is inside them, whose each piece is."""
