"""Keeps a job that takes URLs from users out of the network it runs in.

The check sits where connections are made, not where URLs are read: Python's audit event
`socket.connect` carries the address itself, so redirects, manifests, segments and a name that
resolves differently the second time are all covered by the same three lines.
"""

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

# Not the open internet, whatever `is_global` of this Python says.
NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # RFC 6890: of protocols; a cloud keeps its metadata at .192
    IPv4Network("168.63.129.16/32"),  # another cloud's metadata
    IPv6Network("fec0::/10"),  # RFC 3879: once site-local
    IPv6Network("3fff::/20"),  # RFC 9637: for documentation
)
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the open internet."""
    try:
        ip = _embedded(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if any(ip in network for network in NOT_PUBLIC):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _embedded(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Unwrap the IPv4 address that an IPv6 address stands for."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


class Refused(OSError):
    """Raised inside `connect`; an OSError, so that every HTTP client cleans up after it."""


@dataclass
class Guard:
    """Which connections were refused while the guard stood."""

    active: bool = False
    refused: list[str] = field(default_factory=list)

    def check(self, event: str, args: tuple[Any, ...]) -> None:
        """Audit hook: refuse a connection to an address that is not public."""
        if not self.active or event != "socket.connect":
            return
        address = args[1]
        if isinstance(address, tuple) and not is_public(str(address[0])):
            self.refused.append(str(address[0]))
            raise Refused(f"connection to {address[0]} refused")


_guard = Guard()
_hooked: list[Guard] = []  # an audit hook cannot be taken out again: one for the process


@contextmanager
def only_public(*, enabled: bool) -> Iterator[Guard]:
    """Refuse connections to private addresses, in all threads, while the block runs."""
    if not _hooked:
        sys.addaudithook(_guard.check)
        _hooked.append(_guard)
    _guard.active, _guard.refused = enabled, []
    try:
        yield _guard
    finally:
        _guard.active = False
