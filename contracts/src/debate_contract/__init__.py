"""What every stage does alike: places, exit codes, log lines, schemas (see contracts/README.md)."""

__version__ = "1.0.0"
