"""What goes into the model: chunks of speech, in batches, as features, each in its language."""
