"""Connection strings, ``key=value`` and URLs, read and written as libpq does.

Nothing is ever connected to; applications take strings apart and put them together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from . import errors as e
from .abc import ConnDict, ConnMapping, ConnParam
from .refusal import refusing

# libpq's parameters in its own order, which is that of the results.
KEYWORDS = (
    "service",
    "user",
    "password",
    "passfile",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "port",
    "client_encoding",
    "options",
    "application_name",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "sslmode",
    "sslnegotiation",
    "sslcompression",
    "sslcert",
    "sslkey",
    "sslcertmode",
    "sslpassword",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "requirepeer",
    "require_auth",
    "min_protocol_version",
    "max_protocol_version",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "gssencmode",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "replication",
    "target_session_attrs",
    "load_balance_hosts",
    "scram_client_key",
    "scram_server_key",
    "oauth_issuer",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_scope",
    "sslkeylogfile",
)

_DEFAULT_TIMEOUT = 130
_MIN_TIMEOUT = 2


def make_conninfo(conninfo: str = "", **kwargs: ConnParam) -> str:
    """A connection string of another and of parameters, which win."""
    given: ConnDict = {
        name: value for name, value in kwargs.items() if value is not None
    }
    if not conninfo and not given:
        return ""
    if conninfo:
        given = {**conninfo_to_dict(conninfo), **given}
    text = " ".join(f"{name}={_escaped(str(value))}" for name, value in given.items())
    _parse(text)
    return text


def conninfo_to_dict(conninfo: str = "", **kwargs: ConnParam) -> ConnDict:
    """The parameters of a connection string, and others, which win."""
    parsed: ConnDict = dict(_parse(conninfo))
    for name, value in kwargs.items():
        if value is not None:
            parsed[name] = value
    return parsed


def timeout_from_conninfo(params: ConnMapping) -> int:
    """Seconds that a connection may take; libpq never waits less than two."""
    value: Any = params.get("connect_timeout")
    if value is None:
        return _DEFAULT_TIMEOUT
    try:
        seconds = int(float(value))
    except ValueError:
        raise e.ProgrammingError(f"bad value for connect_timeout: {value!r}") from None
    if seconds <= 0:
        return _DEFAULT_TIMEOUT
    return max(seconds, _MIN_TIMEOUT)


def _escaped(text: str) -> str:
    escaped = re.sub(r"([\\'])", r"\\\1", text)
    return f"'{escaped}'" if not text or re.search(r"\s", text) else escaped


# A pool asks with one string for all of its connections.
@lru_cache(64)
def _parse(conninfo: str) -> Mapping[str, str]:
    if conninfo.startswith(("postgresql://", "postgres://")):
        found = _parse_url(conninfo.partition("://")[2])
    else:
        found = _parse_pairs(conninfo)
    return {name: found[name] for name in KEYWORDS if name in found}


_name = re.compile(r"\s*([^\s=]*)\s*(=)?\s*", re.DOTALL)
_bare = re.compile(r"((?:[^\s\\]|\\.)*)", re.DOTALL)
_quoted = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)


def _parse_pairs(conninfo: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while conninfo[position:].strip():
        name_match = _name.match(conninfo, position)
        assert name_match is not None
        name, equals = name_match.groups()
        if not equals:
            raise _error(f'missing "=" after "{name}" in connection info string')
        position = name_match.end()
        is_quoted = conninfo[position : position + 1] == "'"
        value = (_quoted if is_quoted else _bare).match(conninfo, position)
        if value is None:
            raise _error("unterminated quoted string in connection info string")
        if name not in KEYWORDS:
            raise _error(f'invalid connection option "{name}"')
        found[name] = re.sub(r"\\(.)", r"\1", value.group(1), flags=re.DOTALL)
        position = value.end()
    return found


def _parse_url(rest: str) -> dict[str, str]:
    found: dict[str, str] = {}
    rest, _, query = rest.partition("?")
    authority, _, dbname = rest.partition("/")
    userinfo, at, hosts = authority.rpartition("@")
    if at:
        user, _, password = userinfo.partition(":")
        _put(found, "user", user)
        _put(found, "password", password)
    names, ports = [], []
    for part in hosts.split(","):
        name, port = _host(part)
        names.append(name)
        ports.append(port)
    _put(found, "host", ",".join(names) if any(names) else "")
    _put(found, "port", ",".join(ports) if any(ports) else "")
    _put(found, "dbname", dbname)
    for pair in query.split("&") if query else ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise _error(
                f'missing key/value separator "=" in URI query parameter: "{name}"'
            )
        name, value = _unquoted(name), _unquoted(value)
        if (name, value) == ("ssl", "true"):
            name, value = "sslmode", "require"
        if name not in KEYWORDS:
            raise _error(f'invalid URI query parameter: "{name}"')
        found[name] = value
    return found


def _host(part: str) -> tuple[str, str]:
    if part.startswith("["):
        address, bracket, port = part[1:].partition("]")
        if not bracket:
            raise _error(
                "end of string reached when looking for matching"
                f' "]" in IPv6 host address in URI: "{part}"'
            )
        return address, port.removeprefix(":")
    name, _, port = part.partition(":")
    return name, port


def _put(found: dict[str, str], name: str, value: str) -> None:
    if value:
        found[name] = _unquoted(value)


def _unquoted(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise _error(f'invalid percent-encoded token: "{text}"')
    return unquote(text)


def _error(message: str) -> e.ProgrammingError:
    # libpq ends its messages with a line feed, and psycopg passes them on.
    return e.ProgrammingError(message + "\n")


__getattr__ = refusing("psycopg.conninfo")
