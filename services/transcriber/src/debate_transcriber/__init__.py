"""Turns a recording into words with times, speakers and a measure of doubt."""

from importlib.metadata import version

__version__ = version("debate-transcriber")
