"""From a submission to a debate: the queue, and the front door (`debate`) that does the work."""
