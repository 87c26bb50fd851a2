"""Connections to the database: kept, asked whether they are still one, waited for."""
