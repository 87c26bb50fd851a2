"""The tables of many debates: built, brought up to date, asked."""
