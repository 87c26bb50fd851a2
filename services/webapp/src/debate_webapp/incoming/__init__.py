"""What comes in: files of the store, read as strangers' and registered."""
