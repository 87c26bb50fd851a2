"""Search: the page, how often a word is said, hits for programs and spreadsheets."""
