"""Cookies of a signed-in browser: where they lie and the shapes they come in."""
