"""Jobs on AWS Batch. Only `stack` is imported before it is known that they run there."""
