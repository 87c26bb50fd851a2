"""The brake on guessing passwords: every try counts before it is checked, across all workers."""

import hashlib
import ipaddress
import json
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from debate_webapp.database.base import now
from debate_webapp.database.models import FailedSignIn

WINDOW = timedelta(minutes=15)
# Wrong passwords within the window: for one name from one network, and for one name from anywhere.
# None for a network alone: whoever shares it with someone who guesses would be shut out as well.
NETWORK_LIMIT = 5
NAME_LIMIT = 100
# In a browser that signed in to the account before.
BROWSER_LIMIT = 5
# Rows that are kept: a flood of made-up names makes the table no larger. A try has two, and takes a
# third of a second of the server's time, so nobody gets many more guesses by pushing others out.
MOST = 50_000


class TooManyAttempts(Exception):
    """Too many wrong passwords; try again in a quarter of an hour."""


def enter(
    session: Session,
    name: str | int,
    address: str,
    browser: str | None = None,
    anywhere: int = NAME_LIMIT,
) -> list[int]:
    """Count a try before it is checked, and commit; its rows, to `withdraw` if it was right.

    `name` is what somebody typed, or, for what they are asked next, the number of their account:
    no name is ever taken for a number. `browser` is the mark of one in which this account has
    signed in before: its tries are counted apart, so nobody elsewhere shuts it out, however much
    they guess. `anywhere` is how many there may be from all other places. Raises TooManyAttempts;
    trying while shut out does not make it longer.
    """
    limits = _limits(name, address, browser, anywhere)
    if _over(session, limits, more=1):  # else refused tries, which cost little, push out others
        raise TooManyAttempts
    tries = _count_in(session, limits)
    if _over(session, limits):
        withdraw(session, tries)
        raise TooManyAttempts
    return tries


def withdraw(session: Session, tries: list[int]) -> None:
    """Let a try count no more; commits."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.id.in_(tries)))
    session.commit()


def _limits(name: str | int, address: str, browser: str | None, anywhere: int) -> dict[str, int]:
    if browser is not None:
        return {_key(name, "browser", browser): BROWSER_LIMIT}
    return {_key(name, "network", _network(address)): NETWORK_LIMIT, _key(name): anywhere}


def _network(address: str) -> str:
    """Who shares the address: for IPv6 a subscriber's 2**64 of them."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))


def _key(*parts: str | int) -> str:
    """Of what was typed nothing can be read as another part, whatever is in it."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _count_in(session: Session, keys: Iterable[str]) -> list[int]:
    """Enter a try under each key, drop what is older than the window or too much; the rows."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.at < now() - WINDOW))
    rows = [FailedSignIn(key=key) for key in keys]
    session.add_all(rows)
    session.flush()
    session.execute(delete(FailedSignIn).where(FailedSignIn.id <= rows[-1].id - MOST))
    session.commit()
    return [row.id for row in rows]


def _over(session: Session, limits: dict[str, int], more: int = 0) -> bool:
    """Whether there are more tries than may be, with so many more."""
    counted = select(FailedSignIn.key, func.count()).where(FailedSignIn.key.in_(limits))
    counts = session.execute(counted.group_by(FailedSignIn.key)).all()
    return any(count + more > limits[key] for key, count in counts)
