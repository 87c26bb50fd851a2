"""`python -m debate_downloader` is `debate-download`."""

from debate_downloader.cli import main

main()
