"""Recordings on the web, through yt-dlp, behind a guard on what may be connected to."""
