"""Who is asking, what they may, and signing in."""

# The blueprints of pages on which one is about to sign in.
SIGNING_IN = ("auth", "second_step", "house", "links")
