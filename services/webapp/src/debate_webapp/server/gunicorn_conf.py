"""How gunicorn runs the site: `gunicorn -c python:debate_webapp.server.gunicorn_conf …`."""

import os

worker_class = "debate_webapp.server.worker.BufferingWorker"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "400"))
# Without a sign of the event loop, which computes nothing.
timeout = 60
graceful_timeout = 15
loglevel = "warning"
