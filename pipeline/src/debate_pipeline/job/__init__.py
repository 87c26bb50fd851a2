"""What a job is: what was asked for, how far it got, what its stages are told and say."""
