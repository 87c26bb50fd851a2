"""Who may do what: people with accounts, what lets them in, and the record of what was done."""
