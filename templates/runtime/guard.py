"""Denies the network: an audit hook that refuses every outgoing connection.

This machine's own names may be resolved, as a server asks for the one that it
binds to; whatever leaves the process is refused and entered in the ledger.
An audit hook can't be removed again (PEP 578).
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

from .ledger import Ledger

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset(
    {
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
    }
)


class NetworkDenied(OSError):
    """The application asked for the network while a fixture replays."""


def deny_network(ledger: Ledger) -> None:
    """Refuse connections and look-ups of this process from now on."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CONNECTING:
            address = arguments[-1]
        elif event in _LOOKING_UP and not _is_here(arguments[0]):
            address = arguments[0]
        else:
            return
        ledger.enter("denied", {"event": event, "address": repr(address)})
        raise NetworkDenied(f"{event} to {address!r} denied while a fixture replays")

    sys.addaudithook(hook)


def _is_here(asked: Any) -> bool:
    # `getnameinfo` has an address for its argument, the others a host.
    host = asked[0] if isinstance(asked, tuple) else asked
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
