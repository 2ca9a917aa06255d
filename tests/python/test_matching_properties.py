"""What holds for whatever is recorded and asked."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import uuid
from typing import Any

from fixture.runtime.exchange import Exchange, read_exchanges
from fixture.runtime.matching import ScopeState, anything
from fixture.runtime.parameters import NO_DRIVER, encode_many, encode_parameters
from hypothesis import assume, given, settings
from hypothesis import strategies as st

SQL = "SELECT %s"

settings.register_profile("ci", deadline=None, database=None, derandomize=True)
settings.load_profile("ci")

# Equal ones of different types are likely among these.
NUMBERS = st.sampled_from([0, 1, -1, 7, 0.0, -0.0, 1.0, 7.0, True, False, None])
MOMENTS = st.datetimes(timezones=st.none() | st.just(dt.UTC))
SCALARS = (
    NUMBERS
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=4)
    | st.binary(max_size=3)
    | st.decimals(allow_nan=False, places=2, max_value=9, min_value=-9)
    | st.uuids()
    | MOMENTS
    | st.dates()
    | st.sampled_from(["1", "True", "None", decimal.Decimal(1), b"1"])
)
VALUES = SCALARS | st.lists(NUMBERS, max_size=3) | st.tuples(NUMBERS, NUMBERS)
NAMES = st.sampled_from(["a", "b", "c"])
PARAMETERS = (
    st.none()
    | st.lists(VALUES, max_size=3)
    | st.lists(VALUES, max_size=3).map(tuple)
    | st.dictionaries(NAMES, VALUES, max_size=3)
)


def _zone() -> dt.tzinfo:
    return dt.UTC


def _key(parameters: Any) -> str:
    """Texts that are equal if and only if values and types are."""
    if isinstance(parameters, dict):
        return f"by name {sorted(parameters.items())!r}"
    return repr(parameters if parameters is None else list(parameters))


def _recorded(*exchanges: dict[str, Any]) -> ScopeState:
    texts = list(dict.fromkeys(each["sql"] for each in exchanges))
    lines = [
        json.dumps(
            {"operation": "execute", "status": "INTRANS"}
            | each
            | {"sql": texts.index(each["sql"])}
        )
        for each in exchanges
    ]
    return ScopeState("s", read_exchanges(texts, "", "\n".join(lines)))


def _take(state: ScopeState, sql: str, parameters: Any) -> Exchange | None:
    """As a cursor does: by a look at the values, or else the long way."""
    found = state.take_by_values(sql, parameters)
    if found is not None:
        return found
    tagged = encode_parameters(parameters, NO_DRIVER)
    answer = state.take(("execute", sql, tagged), _zone, anything)
    return None if answer is None else answer.exchange


@given(recorded=PARAMETERS, asked=PARAMETERS)
def test_different_keys_are_never_answered_by_one_exchange(
    recorded: Any, asked: Any
) -> None:
    tagged = encode_parameters(recorded, NO_DRIVER)
    state = _recorded({"sql": SQL, "parameters": tagged, "times": 2})
    answered = _take(state, SQL, asked) is not None
    assert answered == (_key(recorded) == _key(asked))
    # Again, with all keys made.
    assert _take(state, SQL, recorded) is not None
    assert (_take(state, SQL, asked) is not None) == answered or answered


@given(
    recorded=st.lists(st.lists(NUMBERS, max_size=2), max_size=4),
    asked=st.lists(st.lists(NUMBERS, max_size=2), max_size=4),
)
def test_sets_of_parameters_are_compared_as_a_multiset(
    recorded: list[Any], asked: list[Any]
) -> None:
    sets = encode_many(recorded, NO_DRIVER)
    state = _recorded({"sql": SQL, "operation": "executemany", "parameters": sets})
    question = ("executemany", SQL, encode_many(asked, NO_DRIVER))
    answered = state.take(question, _zone, anything) is not None
    assert answered == (sorted(map(_key, recorded)) == sorted(map(_key, asked)))


STATEMENTS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 2), st.booleans()),
    min_size=1,
    max_size=12,
)


@given(statements=STATEMENTS, random=st.randoms(use_true_random=False))
def test_the_order_of_independent_statements_changes_no_answer(
    statements: list[tuple[str, int, bool]], random: Any
) -> None:
    """Some have a volatile UUID besides, which is another one at replay."""
    exchanges = []
    for number, (sql, value, is_volatile) in enumerate(statements):
        key = {"uuid": str(uuid.UUID(int=number, version=4))}
        parameters = {"value": value, **({"key": key} if is_volatile else {})}
        places = {"inferred": {"/key": "uuid"}} if is_volatile else {}
        exchanges.append({"sql": sql, "parameters": parameters, **places})

    def answers(order: list[int]) -> dict[int, int]:
        state = _recorded(*exchanges)
        given = {}
        for number in order:
            sql, value, is_volatile = statements[number]
            live = uuid.UUID(int=(number + 1) << 64, version=4)
            asked = {"value": value, **({"key": live} if is_volatile else {})}
            found = _take(state, sql, asked)
            assert found is not None
            given[number] = found.ordinal
        return given

    # Statements that are equal keep their order, as they are not independent.
    shuffled = sorted(range(len(statements)), key=lambda _: random.random())
    places = sorted(shuffled)
    by_key: dict[Any, list[int]] = {}
    for number in places:
        by_key.setdefault(statements[number], []).append(number)
    order = [by_key[statements[number]].pop(0) for number in shuffled]
    expected = {number: number + 1 for number in places}
    assert answers(places) == answers(order) == expected


THEN, NOW = uuid.UUID(int=1 << 70, version=4), uuid.UUID(int=2 << 70, version=4)
THEN_HASH, NOW_HASH = "$2b$12$" + "a" * 53, "$2b$12$" + "b" * 53
MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
LATER = dt.datetime(2027, 3, 4, 5, 6, 7, 8, tzinfo=dt.UTC)
BOUND = [
    ("uuid", THEN, NOW),
    ("uuid", str(THEN), str(NOW)),
    ("timestamp", MOMENT, LATER),
    ("hash", THEN_HASH, NOW_HASH),
    ("token", "ab12cd34", "00ff11ee"),
    ("token", "x_Y-" * 8, "z-W_" * 8),
    ("text", "quite a long text, é", "another one, ü\n'\""),
    ("number", 1_863_214_997_654, 1_999_214_997_654),
]
# Neither is part of a bound value, nor makes one part of another word.
NOISE = st.text(alphabet=" ,;()é'\"\\\n", max_size=5)
WITHIN = ("uuid", "timestamp", "hash", "token")


@st.composite
def _places(draw: Any, bound: tuple[str, Any, Any]) -> tuple[Any, Any]:
    """One value with the bound one in it as it was recorded, and as it is live."""
    kind, then, now = bound
    texts = str(then), str(now)
    if kind == "timestamp":
        texts = then.isoformat(), now.isoformat()
    shape = draw(st.sampled_from(["plain", "list", "tuple", "text", "twice"]))
    if shape == "plain" or (shape in ("text", "twice") and kind not in WITHIN):
        return then, now
    if shape == "list":
        noise = draw(NUMBERS)
        return [noise, then], [noise, now]
    if shape == "tuple":
        return (then, [then]), (now, [now])
    before, between, after = draw(NOISE), draw(NOISE), draw(NOISE)
    if shape == "text":
        return (before + texts[0] + after, before + texts[1] + after)
    middle = f" {between} "
    return (texts[0] + middle + texts[0], texts[1] + middle + texts[1])


@given(data=st.data(), bound=st.sampled_from(BOUND))
def test_a_value_that_is_bound_is_bound_everywhere(
    data: st.DataObject, bound: tuple[str, Any, Any]
) -> None:
    kind, then, now = bound
    value, live = data.draw(_places(bound))
    document = isinstance(then, str) or kind == "uuid"
    inner = json.dumps({"k": [str(then)], str(then): 1} if document else {})
    outer = inner.replace(json.dumps(str(then)), json.dumps(str(now)))
    tagged = encode_parameters([then], NO_DRIVER)
    later = [*encode_parameters([value], NO_DRIVER), {"jsonb": inner}]
    state = _recorded(
        {"sql": "bind", "parameters": tagged, "inferred": {"/0": kind}},
        {"sql": "use", "parameters": later},
    )
    assume(value != live)
    asked = [*encode_parameters([live], NO_DRIVER), {"jsonb": outer}]
    question = ("execute", "use", asked)
    assert state.take(question, _zone, anything) is None
    assert _take(state, "bind", [now]) is not None
    assert state.take(question, _zone, anything) is not None
    assert state.bindings.to_live(value) == live
    assert state.bindings.to_live({"k": [value]}) == {"k": [live]}
    assert state.bindings.to_recorded(encode_parameters([live], NO_DRIVER)) == later[:1]
