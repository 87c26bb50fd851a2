"""What a first job on AWS fails on, asked for before it does."""
