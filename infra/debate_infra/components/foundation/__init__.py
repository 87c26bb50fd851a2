"""What everything stands on: network, bucket, images, secrets, roles."""
