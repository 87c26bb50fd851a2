"""How gunicorn runs the site: threads, because most requests wait for a disk or S3."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
# Room for a slow database; recordings stream from threads and are not cut off by it.
timeout = 60
graceful_timeout = 15
keepalive = 5
loglevel = "warning"
