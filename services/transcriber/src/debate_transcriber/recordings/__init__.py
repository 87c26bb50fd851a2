"""Which recordings are to be transcribed, and what is known of each beforehand."""
