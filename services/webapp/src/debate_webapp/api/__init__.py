"""The JSON API under /api/v1."""

from debate_webapp.api.views import blueprint

__all__ = ["blueprint"]
