"""What Batch is asked for, checked before and handed in."""
