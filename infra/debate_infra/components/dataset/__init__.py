"""The nightly dataset, and the corrections before it."""
