"""Denies the network: an audit hook that refuses every outgoing connection.

This machine's own names may be resolved, as a server asks for the one that it
binds to; whatever leaves the process is refused and entered in the ledger.
An audit hook can't be removed again (PEP 578).

It covers what Python's `socket` does in this process, and in Python processes that
the launcher reaches. Other programs, C code with sockets of its own, and Python
started with `-S`, `-I` or without the launcher's variables are free to connect.
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
    own = _own_names()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CONNECTING:
            address = arguments[-1]
        elif event in _LOOKING_UP and not _is_here(arguments[0], own):
            address = arguments[0]
        else:
            return
        ledger.enter("denied", {"event": event, "address": repr(address)})
        raise NetworkDenied(f"{event} to {address!r} denied while a fixture replays")

    sys.addaudithook(hook)


def _own_names() -> frozenset[str]:
    # Where no fixture is guarded, nothing needs this module.
    import socket

    name = socket.gethostname().lower()
    return frozenset({"", "localhost", name, name.partition(".")[0]})


def _is_here(asked: Any, own: frozenset[str]) -> bool:
    # `getnameinfo` has an address for its argument, the others a host.
    host = asked[0] if isinstance(asked, tuple) else asked
    if host is None:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if text.lower().removesuffix(".") in own:
        return True
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
