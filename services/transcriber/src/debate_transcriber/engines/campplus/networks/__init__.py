"""The two networks: who speaks within ten seconds, and a voice as a vector."""
