"""`gunicorn debate_webapp.wsgi:app`, configured by the environment."""

import os

from debate_webapp import create_app
from debate_webapp.settings import Settings

app = create_app(Settings.from_env(os.environ))
