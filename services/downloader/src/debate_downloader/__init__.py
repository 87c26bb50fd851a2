"""Fetches a debate recording and its subtitles."""

from importlib.metadata import version

__version__ = version("debate-downloader")
