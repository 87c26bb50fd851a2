"""`python -m debate_stats`."""

from debate_stats.cli import main

main()
