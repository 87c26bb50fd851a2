"""How debates are kept: tables, their history, and one session a request."""
