"""Corrections of one version of a debate proposed for, and carried over to, a newer one."""
