"""`python -m debate_pipeline` is `debate`."""

from debate_pipeline.cli import main

main()
