"""What a person reads: bars, tables, the closing summary."""
