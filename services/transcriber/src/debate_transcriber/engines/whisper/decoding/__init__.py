"""Text from features: the decoder's passes, greedy and beam search, second attempts."""
