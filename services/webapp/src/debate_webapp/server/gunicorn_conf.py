"""How gunicorn runs the site, for `serve` and for gunicorn itself (README)."""

import os

bind = f"{os.environ.get('HOST_ADDRESS', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "debate_webapp.server.worker.BufferingWorker"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "400"))
# Without a sign of the event loop, which computes nothing.
timeout = 60
graceful_timeout = 15
loglevel = "warning"
