"""The command `debate-stats`: what is asked for, and how it is carried out."""
