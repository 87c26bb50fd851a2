"""The web application: its service, load balancer and database."""
