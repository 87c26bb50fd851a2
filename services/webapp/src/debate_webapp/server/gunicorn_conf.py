"""How gunicorn runs the site, for `serve` and for gunicorn itself (README)."""

import os
from typing import Any

from debate_webapp.submitting.keeper import Keeper

bind = f"{os.environ.get('HOST_ADDRESS', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "debate_webapp.server.worker.BufferingWorker"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "400"))
# Without a sign of the event loop, which computes nothing.
timeout = 60
graceful_timeout = 15
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """Have the process work the queue too, when its turn comes."""
    keeper: Keeper = worker.wsgi.extensions["debate_keeper"]
    keeper.start()


def worker_exit(_server: Any, worker: Any) -> None:
    """Let another process have the queue at once."""
    if worker.booted:
        worker.wsgi.extensions["debate_keeper"].stop()
