"""What editors do: commands and their log, and the transcript that follows from them."""
