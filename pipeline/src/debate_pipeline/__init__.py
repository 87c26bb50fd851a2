"""The front door: submits, follows and lists jobs."""

from importlib.metadata import version

__version__ = version("debate-pipeline")
