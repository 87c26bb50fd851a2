"""What a media file holds, and the MP4 that is made of it."""
