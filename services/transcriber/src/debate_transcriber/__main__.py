"""`python -m debate_transcriber` is `debate-transcribe`."""

from debate_transcriber.cli import main

main()
