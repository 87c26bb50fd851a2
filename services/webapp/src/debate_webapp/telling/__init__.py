"""Failures told to who is not looking: a webhook, an e-mail."""
