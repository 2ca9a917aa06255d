"""What psycopg knows of PostgreSQL from the start: types, loaders and dumpers."""

from __future__ import annotations

from .adapt import AdaptersMap, Loader
from .catalog import FORMS, TYPES
from .dbapi20 import register_dbapi20_adapters
from .typemod import MODIFIERS, TypeModifier
from .types import (
    TypeInfo,
    TypesRegistry,
    array,
    bool,
    composite,
    datetime,
    enum,
    json,
    multirange,
    net,
    none,
    numeric,
    numpy,
    range,
    string,
    uuid,
)

# Types with an array that psycopg's registry leaves out all the same: their columns
# are texts, and so are columns of their arrays.
_UNREGISTERED = frozenset(("cstring", "pg_snapshot"))

# Forms of texts that stay as they are; ranges have loaders for each type of bounds.
_UNLOADED = frozenset(("raw", "void", "array", "range", "multirange"))

# What makes a value of each form of the catalog, out of text and out of bytes. A form
# that is missing here fails at import.
TEXT_LOADERS: dict[str, type[Loader]] = {
    "bool": bool.BoolLoader,
    "bytes": string.ByteaLoader,
    "cidr": net.CidrLoader,
    "date": datetime.DateLoader,
    "float": numeric.FloatLoader,
    "inet": net.InetLoader,
    "int": numeric.IntLoader,
    "interval": datetime.IntervalLoader,
    "json": json.JsonLoader,
    "jsonb": json.JsonbLoader,
    "numeric": numeric.NumericLoader,
    "record": composite.RecordLoader,
    "text": string.TextLoader,
    "time": datetime.TimeLoader,
    "timestamp": datetime.TimestampLoader,
    "timestamptz": datetime.TimestamptzLoader,
    "timetz": datetime.TimetzLoader,
    "uuid": uuid.UUIDLoader,
}
BINARY_LOADERS: dict[str, type[Loader]] = {
    "bool": bool.BoolBinaryLoader,
    "bytes": string.ByteaBinaryLoader,
    "cidr": net.CidrBinaryLoader,
    "date": datetime.DateBinaryLoader,
    "inet": net.InetBinaryLoader,
    "interval": datetime.IntervalBinaryLoader,
    "json": json.JsonBinaryLoader,
    "jsonb": json.JsonbBinaryLoader,
    "numeric": numeric.NumericBinaryLoader,
    "record": composite.RecordBinaryLoader,
    "text": string.TextBinaryLoader,
    "time": datetime.TimeBinaryLoader,
    "timestamp": datetime.TimestampBinaryLoader,
    "timestamptz": datetime.TimestamptzBinaryLoader,
    "timetz": datetime.TimetzBinaryLoader,
    "uuid": uuid.UUIDBinaryLoader,
}
# In text all integers are alike, in binary their sizes differ.
SIZED_LOADERS: dict[str, type[Loader]] = {
    "float4": numeric.Float4BinaryLoader,
    "float8": numeric.Float8BinaryLoader,
    "int2": numeric.Int2BinaryLoader,
    "int4": numeric.Int4BinaryLoader,
    "int8": numeric.Int8BinaryLoader,
    "oid": numeric.OidBinaryLoader,
}

types = TypesRegistry()
adapters = AdaptersMap(types=types)


def register_default_types(types: TypesRegistry) -> None:
    """Add the types of a server's own catalog that can stand in a column."""
    ranges = {row[0]: row[5] for row in TYPES if row[1].endswith("range")}
    for oid, name, array_oid, regtype, delimiter, related in TYPES:
        if not array_oid or name.startswith("_") or name in _UNREGISTERED:
            continue
        if name == "char":
            # Psycopg's name is the one that SQL needs: bare it means ``bpchar``.
            name = regtype
        types.add(_info(oid, name, array_oid, regtype, delimiter, related, ranges))


def _info(
    oid: int,
    name: str,
    array_oid: int,
    regtype: str,
    delimiter: str,
    related: int,
    ranges: dict[int, int],
) -> TypeInfo:
    if name.endswith("multirange"):
        return multirange.MultirangeInfo(
            name,
            oid,
            array_oid,
            regtype=regtype,
            range_oid=related,
            subtype_oid=ranges[related],
        )
    if name.endswith("range"):
        return range.RangeInfo(
            name, oid, array_oid, regtype=regtype, subtype_oid=related
        )
    return TypeInfo(
        name,
        oid,
        array_oid,
        regtype=regtype,
        delimiter=delimiter,
        typemod=MODIFIERS.get(name, TypeModifier),
    )


def register_default_adapters(context: AdaptersMap) -> None:
    """Register dumpers of Python's types, and loaders by the forms of the catalog."""
    # Of two dumpers of a class the later is preferred; classes are searched along
    # their MRO, so that the order of families does not matter.
    for family in (
        string,
        # Before those of Python, which are found by the types' OIDs.
        numpy,
        numeric,
        bool,
        datetime,
        uuid,
        net,
        json,
        enum,
        array,
        composite,
        range,
        multirange,
        none,
    ):
        family.register_default_adapters(context)
    register_dbapi20_adapters(context)
    # OID 0 stands for every type that nobody knows.
    context.register_loader(0, string.TextLoader)
    context.register_loader(0, string.ByteaBinaryLoader)
    names = {row[0]: row[1] for row in TYPES}
    for oid, form in FORMS.items():
        if form in _UNLOADED:
            continue
        context.register_loader(oid, TEXT_LOADERS[form])
        context.register_loader(
            oid, SIZED_LOADERS.get(names[oid]) or BINARY_LOADERS[form]
        )
    array.register_all_arrays(context)


register_default_types(types)
register_default_adapters(adapters)
