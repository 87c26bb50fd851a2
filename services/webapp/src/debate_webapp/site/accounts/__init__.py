"""Pages of accounts: one's own, and for administrators everybody's."""
