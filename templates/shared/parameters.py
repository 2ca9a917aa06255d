"""Parameters of a statement as tagged JSON values, and the key made of them.

The recorder and the replay encode the application's parameters with this one module,
so equal parameters have equal keys on both sides. Types of the driver are recognised
by name along the class's MRO: neither the real driver nor its stand-in is imported.
Knows nothing of connections; never changes what it is given.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import enum
import ipaddress
import json
import math
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from .texts import escaped

Tagged: TypeAlias = Any
"""JSON: null, bool, int of 64 bits, finite float, string, array, or an object with one key."""


class Adapt(Protocol):
    """What only a driver's adapters know about a value."""

    def json(self, wrapper: Any) -> str:
        """The dumped text of a ``Json`` or ``Jsonb``; called once per wrapper."""

    def dumped(self, value: Any) -> str:
        """The text that the driver would send for an object of an unknown type."""


class _NoDriver:
    """For values of builtin types, which no driver is asked about."""

    def json(self, wrapper: Any) -> str:
        raise TypeError(f"{type(wrapper).__name__} is no builtin type")

    dumped = json


NO_DRIVER = _NoDriver()


def encode(value: Any, adapt: Adapt) -> Tagged:
    """The tagged form of one parameter."""
    exact = _EXACT.get(type(value))
    if exact is not None:
        return exact(value, adapt)
    return _encode_class(value, adapt)


def is_known(value: Any) -> bool:
    """Whether the form of a value follows from its class, without an adapter."""
    cls = type(value)
    return (
        cls in _EXACT
        or any(_class_path(base) in _DRIVER for base in cls.__mro__)
        or isinstance(value, (enum.Enum, *(builtin for builtin, _ in _BUILTIN)))
    )


def encode_parameters(parameters: Any, adapt: Adapt) -> Tagged | None:
    """The parameters of one statement: None, an array, or an object by name."""
    if parameters is None:
        return None
    if isinstance(parameters, Mapping):
        # A placeholder's name is text: what has another key cannot be sent. Sorted,
        # because the order may come from a set (SQLAlchemy's `insertmanyvalues`).
        names = sorted(name for name in parameters if isinstance(name, str))
        return {escaped(name): encode(parameters[name], adapt) for name in names}
    if isinstance(parameters, Sequence) and not isinstance(parameters, _NOT_SEQUENCES):
        return [encode(value, adapt) for value in parameters]
    # The driver refuses it; the refusal needs a key like any other outcome.
    return [{"object": [_class_path(type(parameters)), "not parameters"]}]


def encode_many(sequence: Iterable[Any], adapt: Adapt) -> list[Tagged]:
    """The parameter sets of an ``executemany``."""
    return [encode_parameters(parameters, adapt) for parameters in sequence]


def encode_xid(xid: Any) -> Tagged:
    """The identifier of a two-phase transaction: its text, or the parts of an ``Xid``."""
    if isinstance(xid, str):
        parts: tuple[Any, ...] = (xid,)
    elif hasattr(xid, "gtrid"):
        parts = (xid.format_id, xid.gtrid, xid.bqual)
    else:
        return [{"object": [_class_path(type(xid)), "not an identifier"]}]
    return [encode(part, NO_DRIVER) for part in parts]


def canonical(encoded: Tagged | None, *, many: bool = False) -> str:
    """The key text of encoded parameters (``many``: those of ``executemany``).

    A subclass counts as its base: an ORM's ``quoted_name`` is a plain ``str`` to the
    server, and which of the two arrives depends on caches.
    """
    if many and isinstance(encoded, list):
        return "[" + ",".join(canonical(row) for row in encoded) + "]"
    text = _compact(encoded)
    if '"subclass"' not in text and '"dict"' not in text:
        return text
    if isinstance(encoded, dict):  # by name: the keys are not tags here
        return _compact({name: _plain(value) for name, value in encoded.items()})
    return _compact(_plain(encoded))


def decode(
    tagged: Tagged, constructors: Mapping[str, Callable[[Any], Any]] | None = None
) -> Any:
    """The Python value of a tagged one.

    ``constructors`` maps a tag to a function of its content and wins over the
    built-in form; ``json``, ``range`` and ``object`` have none that is complete.
    """
    if isinstance(tagged, list):
        return [decode(item, constructors) for item in tagged]
    if not isinstance(tagged, dict):
        return tagged
    ((tag, content),) = tagged.items()
    if constructors is not None and tag in constructors:
        return constructors[tag](content)
    if tag in _NESTED:
        return _NESTED[tag](content, lambda item: decode(item, constructors))
    return _SIMPLE[tag](content)


# Made once: `json.dumps` makes a new encoder for each call that has options.
_compact = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True
).encode


def _plain(tagged: Tagged) -> Tagged:
    if isinstance(tagged, list):
        return [_plain(item) for item in tagged]
    if not isinstance(tagged, dict):
        return tagged
    ((tag, content),) = tagged.items()
    if tag == "subclass":
        return _plain(content[1])
    if tag == "dict":
        pairs = [[_plain(key), _plain(value)] for key, value in content]
        return {"dict": sorted(pairs, key=_compact)}
    if tag in ("tuple", "range", "multirange", "enum"):
        return {tag: _plain(content)}
    return tagged


def _class_path(cls: type[Any]) -> str:
    return f"{_module(cls)}.{cls.__qualname__}"


def _module(cls: type[Any]) -> str:
    # A stand-in lives in a fixture's runtime and goes by the name of what it replaces.
    module = cls.__module__
    _, runtime, rest = module.partition(".runtime.")
    return f"psycopg.{rest}" if runtime else module


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _str(value: str, adapt: Adapt) -> Tagged:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return {"surrogates": _b64(value.encode("utf-8", "surrogatepass"))}
    return str.__str__(value)


def _int(value: int, adapt: Adapt) -> Tagged:
    # JSON has no limit, but its readers do.
    if -(2**63) <= value < 2**63:
        return int.__int__(value)
    try:
        return {"int": int.__str__(value)}
    except ValueError:
        # Python refuses to spell very long ones, but for powers of two.
        return {"int": hex(value)}


def _float(value: float, adapt: Adapt) -> Tagged:
    if math.isfinite(value):
        return float.__float__(value)
    return {"float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}


def _zoned(tag: str, value: Any) -> Tagged:
    text = value.isoformat()
    if value.tzinfo is None or isinstance(value.tzinfo, dt.timezone):
        return {tag: text}
    zone = getattr(value.tzinfo, "key", None) or _shown(value.tzinfo)
    return {tag: {"value": text, "zone": str(zone), "fold": value.fold}}


def _shown(value: Any) -> str:
    # What has no words of its own shows its address, which is no part of a key.
    cls: Any = type(value)
    plain = cls.__str__ is object.__str__ and cls.__repr__ is object.__repr__
    return _class_path(cls) if plain else str(value)


def _range(value: Any, adapt: Adapt) -> Tagged:
    if value.isempty:
        return {"range": "empty"}
    lower, upper = encode(value.lower, adapt), encode(value.upper, adapt)
    return {"range": [value.bounds, lower, upper]}


def _dict(value: dict[Any, Any], adapt: Adapt) -> Tagged:
    pairs = dict.items(value)
    return {"dict": [[encode(k, adapt), encode(v, adapt)] for k, v in pairs]}


def _list(value: list[Any], adapt: Adapt) -> Tagged:
    return [encode(item, adapt) for item in list.__iter__(value)]


def _tuple(value: tuple[Any, ...], adapt: Adapt) -> Tagged:
    return {"tuple": [encode(item, adapt) for item in tuple.__iter__(value)]}


def _asked(tag: str, value: Any, ask: Callable[[Any], str]) -> Tagged:
    # What cannot be dumped is refused by the driver in a moment. The name of the
    # exception is the key then, because a repr may hold an address.
    try:
        text = ask(value)
    except Exception as error:  # noqa: BLE001 - an application's dumper may raise any
        return {"object": [_class_path(type(value)), type(error).__name__]}
    return {tag: text} if tag else {"object": [_class_path(type(value)), text]}


Encoder: TypeAlias = Callable[[Any, Adapt], Tagged]

_BUILTIN: tuple[tuple[type[Any], Encoder], ...] = (
    (str, _str),
    (bool, lambda value, adapt: value),
    (int, _int),
    (float, _float),
    (bytes, lambda value, adapt: {"bytes": _b64(value)}),
    (bytearray, lambda value, adapt: {"bytearray": _b64(value)}),
    (memoryview, lambda value, adapt: {"memoryview": _b64(value.tobytes())}),
    (decimal.Decimal, lambda value, adapt: {"decimal": decimal.Decimal.__str__(value)}),
    (dt.datetime, lambda value, adapt: _zoned("datetime", value)),
    (dt.date, lambda value, adapt: {"date": value.isoformat()}),
    (dt.time, lambda value, adapt: _zoned("time", value)),
    (
        dt.timedelta,
        lambda value, adapt: {
            "timedelta": [value.days, value.seconds, value.microseconds]
        },
    ),
    (uuid.UUID, lambda value, adapt: {"uuid": uuid.UUID.__str__(value)}),
    (list, _list),
    (tuple, _tuple),
    (dict, _dict),
)

_ADDRESSES = (
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)

_EXACT: dict[type[Any], Encoder] = {
    type(None): lambda value, adapt: None,
    **dict(_BUILTIN),
    **{
        address: lambda value, adapt: {"ip": [type(value).__name__, str(value)]}
        for address in _ADDRESSES
    },
}

_DRIVER: dict[str, Encoder] = {
    "psycopg.types.json.Json": lambda value, adapt: _asked("json", value, adapt.json),
    "psycopg.types.json.Jsonb": lambda value, adapt: _asked("jsonb", value, adapt.json),
    "psycopg.types.range.Range": _range,
    "psycopg.types.multirange.Multirange": lambda value, adapt: {
        "multirange": [encode(item, adapt) for item in value]
    },
    "psycopg.dbapi20.Binary": lambda value, adapt: {"binary": _b64(bytes(value.obj))},
}

_NOT_SEQUENCES = (str, bytes, bytearray, memoryview)


def _encode_class(value: Any, adapt: Adapt) -> Tagged:
    cls = type(value)
    for base in cls.__mro__:
        driver = _DRIVER.get(_class_path(base))
        if driver is not None:
            encoded = driver(value, adapt)
            if base is cls:
                return encoded
            return {"subclass": [_class_path(cls), encoded]}
    for builtin, encoder in _BUILTIN:
        if isinstance(value, builtin):
            return {"subclass": [_class_path(cls), encoder(value, adapt)]}
    if isinstance(value, enum.Enum):
        inner = encode(value.value, adapt)
        return {"enum": [_class_path(cls), value.name, inner]}
    return _asked("", value, adapt.dumped)


Decoder: TypeAlias = Callable[[Any], Any]


def _decode_zoned(parse: Callable[[str], Any]) -> Decoder:
    def build(content: Any) -> Any:
        if isinstance(content, str):
            return parse(content)
        # Loaded on demand: most recordings name no zone.
        import zoneinfo

        value = parse(content["value"])
        try:
            zone = zoneinfo.ZoneInfo(content["zone"])
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            # A zone of the application's own class; the offset is in the text.
            return value
        return value.replace(tzinfo=zone, fold=content["fold"])

    return build


_SIMPLE: dict[str, Decoder] = {
    "int": lambda content: int(content, 0),
    "float": float,
    "decimal": decimal.Decimal,
    "bytes": base64.b64decode,
    "binary": base64.b64decode,
    "bytearray": lambda content: bytearray(base64.b64decode(content)),
    "memoryview": lambda content: memoryview(base64.b64decode(content)),
    "date": dt.date.fromisoformat,
    "time": _decode_zoned(dt.time.fromisoformat),
    "datetime": _decode_zoned(dt.datetime.fromisoformat),
    "timedelta": lambda content: dt.timedelta(*content),
    "uuid": uuid.UUID,
    "ip": lambda content: getattr(ipaddress, content[0])(content[1]),
    "json": str,
    "jsonb": str,
    "surrogates": lambda content: base64.b64decode(content).decode(
        "utf-8", "surrogatepass"
    ),
    "object": lambda content: content[1],
    "lost": lambda content: None,
}

_NESTED: dict[str, Callable[[Any, Decoder], Any]] = {
    "tuple": lambda content, inner: tuple(inner(item) for item in content),
    "dict": lambda content, inner: {inner(k): inner(v) for k, v in content},
    "enum": lambda content, inner: inner(content[2]),
    "subclass": lambda content, inner: inner(content[1]),
    "multirange": lambda content, inner: [inner(item) for item in content],
    "range": lambda content, inner: (
        content
        if isinstance(content, str)
        else (content[0], inner(content[1]), inner(content[2]))
    ),
}
