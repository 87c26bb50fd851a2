"""`python -m debate_stats`."""

from debate_stats.command.cli import main

main()
