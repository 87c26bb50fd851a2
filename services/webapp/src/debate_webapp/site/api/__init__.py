"""The JSON API under /api/v1."""

from debate_webapp.site.api.views import blueprint

__all__ = ["blueprint"]
