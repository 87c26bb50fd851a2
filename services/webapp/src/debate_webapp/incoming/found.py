"""Transcripts that lie in the store and wait to be registered."""

import time
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Transcript
from debate_webapp.incoming.storage import Store, is_transcript

# How long what was found is good: a walk through a store looks at every file of every job.
SECONDS = 10.0
# More are not asked for by name.
_FEW = 500


@dataclass
class Found:
    """The store, and what the last walk through it found that was not registered then.

    What is registered since is left out at once; what is new is seen after `seconds`.
    """

    store: Store
    seconds: float = SECONDS
    _keys: list[str] = field(default_factory=list)
    _until: float = 0.0

    def unregistered(self, session: Session) -> list[str]:
        """Keys of transcripts that were never registered, newest job first."""
        now = time.monotonic()
        if now >= self._until:
            there = [key for key in self.store.keys("jobs/") if is_transcript(key)]
            self._keys = _without_known(session, sorted(there, reverse=True))
            self._until = now + self.seconds
            return self._keys
        return _without_known(session, self._keys)


def _without_known(session: Session, keys: list[str]) -> list[str]:
    query = select(Transcript.key)
    if len(keys) <= _FEW:
        query = query.where(Transcript.key.in_(keys))
    known = set(session.scalars(query)) if keys else set()
    return [key for key in keys if key not in known]
