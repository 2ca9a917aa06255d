"""Try every way to the network, then serve one client, and say what happened.

Runs under a fixture with the network denied.  Each line of output is a JSON
object: an attempt with the error that it met, or the port that is listened on.
"""

import asyncio
import json
import socket
from collections.abc import Callable

LOCAL = ("127.0.0.1", 5432)


def stream() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def datagram() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def unix() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)


ATTEMPTS: dict[str, Callable[[], object]] = {
    "connect": lambda: stream().connect(LOCAL),
    "connect_ex": lambda: stream().connect_ex(LOCAL),
    "create_connection": lambda: socket.create_connection(LOCAL),
    "connect to a unix socket": lambda: unix().connect("/tmp/.s.PGSQL.5432"),
    "asyncio.open_connection": lambda: asyncio.run(asyncio.open_connection(*LOCAL)),
    "sendto": lambda: datagram().sendto(b"x", LOCAL),
    "sendmsg": lambda: datagram().sendmsg([b"x"], [], 0, LOCAL),
    "getaddrinfo": lambda: socket.getaddrinfo("example.invalid", 5432),
    "gethostbyname": lambda: socket.gethostbyname("example.invalid"),
    "gethostbyaddr": lambda: socket.gethostbyaddr("192.0.2.1"),
    "getnameinfo": lambda: socket.getnameinfo(("192.0.2.1", 80), 0),
}


def say(**line: object) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    for name, attempt in ATTEMPTS.items():
        try:
            attempt()
        except OSError as error:
            say(attempt=name, error=type(error).__name__)
        else:
            say(attempt=name, error=None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        say(port=server.getsockname()[1])
        client, _ = server.accept()
        with client:
            client.sendall(client.recv(64))


main()
