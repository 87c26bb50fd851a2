"""People over all their debates."""
