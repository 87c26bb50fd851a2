"""One Pulumi component per deployable idea; `__main__.py` wires them together."""
