"""The machines, queues and jobs of the pipeline, and who is told of failures."""
