"""The result expressions that decoding is held to, each a `SELECT` of one row.

A case is fetched in text and in binary. Its settings are `SET` on a connection of its
own; its registration is the name of a function in `registrations`. No output may
depend on the machine or on an OID that a database gave out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BOTH = ("text", "binary")


@dataclass(frozen=True)
class Case:
    """One statement, how the session is set up for it, and the formats asked for."""

    name: str
    sql: str
    settings: dict[str, str] = field(default_factory=dict)
    registration: str = ""
    formats: tuple[str, ...] = BOTH


def _expressions(group: str, *expressions: str, **settings: str) -> list[Case]:
    suffix = "".join(f", {name} {value}" for name, value in settings.items())
    return [
        Case(f"{group}: {expression}{suffix}", f"SELECT {expression}", settings)
        for expression in expressions
    ]


def _registered(registration: str, *expressions: str) -> list[Case]:
    return [
        Case(
            f"{registration}: {expression}",
            f"SELECT {expression}",
            registration=registration,
        )
        for expression in expressions
    ]


_ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "EST5EDT",
    "Etc/GMT+5",
    "+3",
    "-05:30",
    "<+0530>-05:30",
)
_DATE_STYLES = (
    "ISO, DMY",
    "German",
    "SQL, DMY",
    "SQL, MDY",
    "Postgres, DMY",
    "Postgres, MDY",
)
_DATED = (
    "date '2020-01-02', timestamp '2020-01-02 03:04:05.678', time '10:20:30.5'",
    "date '0044-03-15 BC'",
    "date '10000-01-01'",
    "date 'infinity'",
    "timestamp '10000-01-01 00:00:00'",
    "timestamp '0044-03-15 00:00:00 BC'",
    "timestamp '-infinity'",
    "timestamptz '2020-07-02 03:04:05+00'",
)

CASES: list[Case] = [
    *_expressions(
        "plain",
        "NULL",
        "1, NULL, 'x', NULL",
        "",
        "true, false, NULL::bool",
        "1::int2, (-32768)::int2, 32767::int2",
        "1::int4, (-2147483648)::int4",
        "9223372036854775807::int8, (-9223372036854775808)::int8",
        "4294967295::oid, 0::oid",
        "1.5::float4, 0.1::float4, 'NaN'::float4, 'Infinity'::float4, '-0'::float4",
        "1.5::float8, 0.1::float8, 1e300::float8, 'NaN'::float8, '-Infinity'::float8",
        "'-0'::float8, 5e-324::float8",
        "1.50::numeric, -0.00::numeric, 'NaN'::numeric",
        "'Infinity'::numeric, '-Infinity'::numeric",
        "0::numeric, 10000::numeric, 100000000::numeric, 0.0001::numeric, 0.00010",
        "1e-20::numeric, 12345678.87654321::numeric, -1e30::numeric, 1.10::numeric(9,4)",
        "repeat('1234567890', 100)::numeric",
        "('0.' || repeat('1234567890', 100))::numeric",
        "'plain'::text, ''::text, 'é日本🎉'::text, E'a\\nb\\tc\\\\'::text",
        "'a'::varchar, 'abc'::varchar(5), 'a'::char(3), 'abc'::char(2), ''::char(2)",
        """'a'::"char", ''::"char", 'name'::name""",
        "'\\x00ff6162'::bytea, ''::bytea",
        "'12345678-1234-5678-1234-567812345678'::uuid",
        "'x'::label, 5::positive",
        "'x'::unknown",
        "pg_sleep(0)",
    ),
    *_expressions("bytea", "'\\x00ff615c'::bytea", bytea_output="escape"),
    *_expressions(
        "date",
        "date '2020-01-02', date '0001-01-01', date '9999-12-31'",
        "date '0044-03-15 BC'",
        "date '10000-01-01'",
        "date 'infinity'",
        "date '-infinity'",
    ),
    *_expressions(
        "time",
        "time '10:20:30', time '00:00', time '23:59:59.999999', time '10:20:30.5'",
        "time '24:00:00'",
        "timetz '10:20:30+00', timetz '10:20:30.123-05:30', timetz '10:20:30+01:02:03'",
        "timetz '24:00:00+00'",
        "timetz '24:00:00-05'",
    ),
    *_expressions(
        "timestamp",
        "timestamp '2020-01-02 03:04:05', timestamp '2020-01-02 03:04:05.678901'",
        "timestamp '0001-01-01 00:00:00', timestamp '9999-12-31 23:59:59.999999'",
        "timestamp '10000-01-01 00:00:00'",
        "timestamp '294276-12-31 23:59:59.999999'",
        "timestamp '0044-03-15 00:00:00 BC'",
        "timestamp 'infinity'",
        "timestamp '-infinity'",
    ),
    *[
        case
        for zone in _ZONES
        for case in _expressions(
            "timestamptz",
            "timestamptz '2020-07-02 03:04:05.678+00', timestamptz '2020-01-02 00:00Z'",
            "timestamptz '2020-10-25 00:30Z', timestamptz '2020-10-25 01:30Z'",
            TimeZone=zone,
        )
    ],
    *_expressions(
        "timestamptz",
        "timestamptz '1800-01-01 00:00:00+00'",
        "timestamptz '2050-07-01 00:00:00+00'",
        "timestamptz '0001-01-01 00:00:00+00'",
        "timestamptz '9999-12-31 23:59:59+00'",
        "timestamptz '9999-12-31 12:00:00+00'",
        "timestamptz '0044-03-15 00:00:00+00 BC'",
        "timestamptz '10000-01-01 12:00:00+00'",
        "timestamptz 'infinity'",
        "timestamptz '-infinity'",
        TimeZone="Europe/Berlin",
    ),
    *_expressions(
        "timestamptz",
        "timestamptz '2020-11-01 05:30Z', timestamptz '2020-11-01 06:30Z'",
        "timestamptz '0001-01-01 00:00:00+00'",
        TimeZone="America/New_York",
    ),
    *[
        case
        for style in _DATE_STYLES
        for case in _expressions("style", *_DATED, DateStyle=style)
    ],
    *_expressions(
        "interval",
        "interval '1 day', interval '-1 day', interval '0'",
        "interval '1 year 2 mons 3 days 04:05:06.7', interval '1 mon', interval '1 year'",
        "interval '-1 year -2 mons +3 days -04:05:06.000001'",
        "interval '-00:00:01.5', interval '100:00:00', interval '14 mons'",
        "interval '178000 years'",
        "interval '100000000 years'",
        "interval '2147483647 days'",
        "interval 'infinity'",
        "interval '-infinity'",
    ),
    *[
        case
        for style in ("iso_8601", "postgres_verbose", "sql_standard")
        for case in _expressions(
            "interval", "interval '1 year 2 mons 3 days 4:5:6'", IntervalStyle=style
        )
    ],
    *_expressions(
        "json",
        """'{"a": [1, 2.50, 1e5, null, true, "é\\u00e9"], "a": 2}'::json""",
        """'{"b": 1, "a": [1.50, {}]}'::jsonb, 'null'::jsonb, 'null'::json""",
        "'1'::jsonb, '\"x\"'::jsonb, '12345678901234567890.123'::jsonb",
        """array['{"a": 1}'::json], array['1'::jsonb, null]""",
    ),
    *_expressions(
        "network",
        "inet '10.0.0.1', inet '10.0.0.1/24', inet '::1', inet '2001:db8::1/64'",
        "cidr '10.0.0.0/8', cidr '2001:db8::/32', cidr '10.1.2.3/32'",
        "array[inet '10.0.0.1', inet '10.0.0.1/8'], array[cidr '10.0.0.0/8']",
        "macaddr '08:00:2b:01:02:03', array[macaddr '08:00:2b:01:02:03']",
        "macaddr8 '08:00:2b:01:02:03:04:05'",
    ),
    *_expressions(
        "raw",
        "B'101', B'101'::varbit, B'1'::bit(3), array[B'10', B'01']",
        "12.34::money, (-1)::money, array[1::money]",
        "'fat cat'::tsvector, 'fat & cat'::tsquery, array['a b'::tsvector]",
        "point '(1,2)', lseg '[(1,2),(3,4)]', path '((1,2),(3,4))', box '(1,2),(3,4)'",
        "polygon '((1,2),(3,4),(5,6))', circle '<(1,2),3>', line '{1,2,3}'",
        "array[box '(1,1),(0,0)', box '(2,2),(1,1)'], array[point '(1,2)', null]",
        "'1 2 3'::int2vector, '1 2'::oidvector, array['1 2'::int2vector]",
        "'16/B374D848'::pg_lsn, '$.a[*]'::jsonpath, array['$.a'::jsonpath]",
        "'pg_class'::regclass, 'int4'::regtype, 'now'::regproc, array['pg_class'::regclass]",
        "'1'::xid, '2'::cid, '(1,2)'::tid, '3'::xid8, '10:20:'::pg_snapshot",
        "array['10:20:'::pg_snapshot], '10:20:'::txid_snapshot",
        "xml '<a/>'",
        "'abc'::cstring, 'c'::refcursor",
    ),
    *_expressions(
        "array",
        "array[1, 2, null], array[[1, 2], [3, 4]], '{}'::int[]",
        "'[2:3]={7,8}'::int[], '[0:1][5:5]={{1},{2}}'::int[]",
        "array['a', 'b,c', 'd\"e', E'f\\\\g', null, 'NULL', 'null', '', ' ', '{x}']",
        "array[['a b', ';'], ['é', E'x\\ny']]",
        "array[[[1], [2]], [[3], [4]]]",
        "array[true, false, null], array[1.5::float8, 'NaN'], array[1.50, 'NaN']",
        "array[1::int2], array[1::int8], array[1::oid], array['a'::name, 'b,c']",
        "array['a'::char(3), 'b'], array['x'::varchar], array['x'::\"char\"]",
        "array['\\x00ff'::bytea, ''], array['12345678123456781234567812345678'::uuid]",
        "array[date '2020-01-02', null], array[time '10:20'], array[timetz '10:20+01']",
        "array[timestamp '2020-01-02 03:04'], array[timestamptz '2020-01-02 03:04Z']",
        "array[interval '1 day 2:03'], array[interval '1 mon', null]",
        "array[date 'infinity']",
        "array[date '2020-01-01', 'infinity', '2020-01-02']",
        "array[timestamp '10000-01-01 00:00:00', '2020-01-01 00:00:00']",
        "array[timestamptz '-infinity', '2020-01-01 00:00:00']",
        "array[time '24:00', '10:00'], array[timetz '24:00+01', '10:00+01']",
        "array[interval '100000000 years', '1 day']",
        "array[null]::int[], array[null]::text[]",
        "array_fill(7, array[2, 2], array[2, 3])",
    ),
    *_expressions(
        "range",
        "'[1,5)'::int4range, '(1,5]'::int8range, 'empty'::int4range, '(,)'::int4range",
        "'[1.5,2.50]'::numrange, '(,2.5)'::numrange, '[1,)'::int4range",
        "'[2020-01-01,2020-02-01)'::daterange, '(,2020-01-01]'::daterange",
        """'["2020-01-01 10:00","2020-01-02 11:00")'::tsrange""",
        "tstzrange('2020-01-01 10:00Z', '2020-01-02 11:00Z', '[]')",
        "'[2020-01-01,infinity)'::daterange",
        "array['[1,5)'::int4range, 'empty', null], array[tsrange(null, null)]",
        "'{[1,2),[3,4)}'::int4multirange, '{}'::int4multirange, '{(,1),[3,)}'::int8multirange",
        "'{[1.5,2)}'::nummultirange, '{[2020-01-01,2020-02-01)}'::datemultirange",
        "tsmultirange(tsrange('2020-01-01', '2020-01-02'), tsrange('2020-02-01', null))",
        "tstzmultirange(tstzrange('2020-01-01Z', '2020-01-02Z'))",
        "array['{[1,2)}'::int4multirange, '{}']",
        "'[1.5,2.5)'::float_range, 'empty'::float_range",
        """'["a b","c""d")'::word_range, '(,"")'::word_range""",
        "'{[1.5,2.5)}'::float_multirange",
    ),
    *_expressions(
        "record",
        "row(1, 'a')",
        "row()",
        "row(null, null), row(null)",
        "row('a b', 'c,d', 'e\"f', E'g\\\\h', '', '(x)', null)",
        "row(1, row(2, 'x y', row(3))), row(array[1, 2], date '2020-01-01')",
        "array[row(1, 'a b'), row(2, 'c\"d')]",
        "row(1.50, true, '\\x00'::bytea, timestamptz '2020-01-01Z')",
        "row(1, 'a')::pair, row(null, '')::pair, row(1, 'x')::pair is null",
        "null::pair",
    ),
    *_expressions("user type", "'ok'::mood, 'very happy'::mood, 'dark'::odd.\"Shade\""),
    Case(
        "user type: array of enum", "SELECT array['ok'::mood, null]", formats=("text",)
    ),
    Case(
        "user type: array of pair", "SELECT array[(1,'a b')::pair]", formats=("text",)
    ),
    Case("user type: hstore", """SELECT 'a=>1, "b c"=>NULL'::hstore"""),
    Case("user type: hstore[]", "SELECT array['a=>1'::hstore]", formats=("text",)),
    Case("user type: array of domain", "SELECT array[1::positive]", formats=("text",)),
    *_registered(
        "hstore",
        """'a=>1, b=>NULL, "c d"=>"e\\"f", "g\\\\h"=>"é"'::hstore, ''::hstore, NULL""",
        "array['a=>1'::hstore, null]",
    ),
    *_registered("enum", "'ok'::mood, array['sad', 'very happy', null]::mood[]"),
    *_registered("enum_class", "'ok'::mood, array['sad'::mood]", "'very happy'::mood"),
    *_registered("enum_mapping", "'ok'::mood, 'sad'::mood", "'very happy'::mood"),
    *_registered(
        "composite",
        "(1,'a b')::pair, (null,'')::pair, array[(1,'x')::pair, null]",
        "((1,'a \"b\"')::pair, '{1,2}', date '2020-01-02')::outer_pair, null::pair",
        "('ok', 'a=>1')::with_mood",
    ),
    *_registered("composite_factory", "(1,'a b')::pair, array[(null,'x')::pair]"),
    *_registered("composite_object", "(1,'a b')::pair"),
    *_registered(
        "range",
        "'[1.5,2.5)'::float_range, 'empty'::float_range, array['[1,)'::float_range]",
        """'["a b","c""d")'::word_range, '(,"")'::word_range, '["\\\\","]")'::word_range""",
    ),
    *_registered("multirange", "'{[1.5,2.5),[3,)}'::float_multirange"),
    *_registered("json_loads", "'{\"a\": 1.50}'::json, '[2]'::jsonb, array['3'::json]"),
    *_registered("json_loads_cursor", "'{\"a\": 1.50}'::json, '[2]'::jsonb"),
    *_registered("text_inet", "inet '10.0.0.1', cidr '10.0.0.0/8', array[inet '::1']"),
    *_registered("loader", "1::int4, 2::int8, array[3::int4], int4range(4, 6), row(5)"),
    *_registered("float_numeric", "1.50::numeric, array[2.5], numrange(1.5, 2)"),
    *_registered("type_info", "'ok'::mood, array['ok', 'sad']::mood[]"),
    *_expressions(
        "encoding",
        "'é'::text, 'é'::varchar, array['é', 'b'], row('é')",
        "'{\"é\": 1}'::json",
        "'{\"e\": 1}'::jsonb, 'é'::bytea",
        "'a'::text, E'\\\\xe9'::bytea, 'é'::name",
        client_encoding="LATIN1",
    ),
    *_expressions("encoding", "'é€'::text, '[1]'::jsonb", client_encoding="WIN1252"),
    *_expressions(
        "encoding",
        "'a'::text, chr(233), array[chr(233), 'b'], 1, '\\x00'::bytea",
        "chr(233)::varchar, chr(233)::char(2), row(chr(233), 'a')",
        "to_jsonb(chr(233)), 1.5::numeric, date '2020-01-01', inet '10.0.0.1'",
        client_encoding="SQL_ASCII",
    ),
]
