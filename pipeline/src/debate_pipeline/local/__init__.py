"""Jobs on this machine: their folders, and the stages as processes."""
