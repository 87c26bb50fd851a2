"""The weights of the engines: what there is, where it lies, how it is fetched."""
