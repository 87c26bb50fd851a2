"""Jobs that were handed in elsewhere, to AWS Batch: how far they are, and how they end."""
