"""What was submitted, kept in the bucket and brought up to date."""
