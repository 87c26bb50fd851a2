"""On Python 3.11, garbage is collected between transactions only.

Up to 3.11 any allocation may collect, also the one that makes an instance's `__dict__`. A callback
that then asks for the same `__dict__` makes a second one over the same values; the first to grow
frees them under the other, and the process dies. SQLAlchemy's InstanceState has such a callback,
which runs when a row in a cycle is collected. From 3.12 on Python collects between two instructions
(python/cpython#97922), and nothing here is needed.
"""

import gc
import sys

from sqlalchemy import event
from sqlalchemy.orm import Session


def collect_between_transactions() -> None:
    """Take collecting out of Python's hands where it is not safe there."""
    if sys.version_info < (3, 12):
        gc.disable()
        event.listen(Session, "after_transaction_end", _collect)


def _collect(*_: object) -> None:
    """The oldest generation that is due: Python goes on counting while it does not collect."""
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [generation for generation, (count, limit) in enumerate(counts) if count > limit]
    if due:
        gc.collect(due[-1])
