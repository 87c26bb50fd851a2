"""Jobs in AWS Batch that say by themselves how they ended."""
