"""The figures of one debate, and the files that hold them."""
