"""Where recordings come from: the web, or a file of the user's own."""
