"""`python -m debate_webapp`."""

from debate_webapp.cli import main

main()
