"""Components put together, a file per part of the picture in `__main__.py`."""
