"""Submitting recordings in the browser, and watching them become debates."""
