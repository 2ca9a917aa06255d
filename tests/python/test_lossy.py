"""Exchanges that lost something: what still decides, and what is taken in turn."""

from __future__ import annotations

import datetime as dt
import ipaddress
import uuid
from typing import Any

import pytest
from opened import Opened, recorded
from recordings import exchange, make_fixture

SELECT = "SELECT name FROM users WHERE id = %s"
ERASED = "SELECT name FROM users WHERE a = %(__td_param__)s AND b = %(__td_param__)s"
NAMED = "SELECT name FROM users WHERE a = %(a_1)s AND b = %(b_1)s"
ONE = "SELECT name FROM users WHERE a = %(__td_param__)s"
LOST: dict[str, Any] = {"lost": None}
MOMENT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


def lossy(sql: str, parameters: Any, name: str, *losses: str, **more: Any) -> Any:
    """An exchange that lost white space, and more; its answer is one name."""
    lost = ["white_space", *losses]
    return exchange(sql, parameters, [[name]], lossy=lost, **more)


@recorded(lossy(SELECT, [1], "Ada"), lossy(SELECT, [2], "Grace"))
def test_white_space_at_the_ends_is_all_that_may_differ(opened: Opened) -> None:
    for wrong in (SELECT.replace("users", "Users"), SELECT.replace(" = ", "=")):
        with pytest.raises(opened.api.ReplayMiss):
            opened.execute(wrong, [1])
    for wrong in (3, 1.0, True, "1", None):
        with pytest.raises(opened.api.ReplayMiss, match="parameter 0: recorded"):
            opened.execute(SELECT, [wrong])
    # All is known of them, so that their order does not matter.
    assert opened.execute(f"\n  {SELECT}\n", [2]).fetchone() == ("Grace",)
    assert opened.execute(SELECT, [1]).fetchone() == ("Ada",)
    with pytest.raises(opened.api.ReplayMiss, match="already consumed"):
        opened.execute(SELECT, [1])


@recorded(lossy(SELECT, [1], "lossy"), exchange(SELECT, [1], [["exact"]]))
def test_an_exchange_that_lost_nothing_comes_first(opened: Opened) -> None:
    assert opened.execute(SELECT, [1]).fetchone() == ("exact",)
    assert opened.execute(SELECT, [1]).fetchone() == ("lossy",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-02T03:04:05+00:00", MOMENT),
        ("10.0.0.1", ipaddress.ip_address("10.0.0.1")),
        ("plain", b"plain"),
        ("plain", "plain"),
        (["a", {"uuid": str(uuid.UUID(int=7))}], ("a", uuid.UUID(int=7))),
    ],
)
@recorded(s=[])
def test_a_text_may_have_been_of_another_type(
    opened: Opened, tmp_path: Any, text: Any, value: Any
) -> None:
    exchanges = {
        "loose": [lossy(SELECT, [text], "Ada", "types")],
        "strict": [lossy(SELECT, [text], "Ada")],
    }
    made = Opened(make_fixture(tmp_path, exchanges))
    with made.scopes.open_scope("loose", "test"):
        assert made.execute(SELECT, [value]).fetchone() == ("Ada",)
    with made.scopes.open_scope("strict", "test"):
        if value == text:
            assert made.execute(SELECT, [value]).fetchone() == ("Ada",)
        else:
            with pytest.raises(made.api.ReplayMiss):
                made.execute(SELECT, [value])


@recorded(
    lossy(ERASED, {"a_N": [1], "b_N": [LOST]}, "first", "bind_names", "parameters"),
    lossy(ERASED, {"a_N": [2], "b_N": [LOST]}, "second", "bind_names", "parameters"),
)
def test_what_was_lost_is_taken_in_turn(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss, match="its turn has not come"):
        opened.execute(NAMED, {"a_1": 2, "b_1": "x"})
    with pytest.raises(opened.api.ReplayMiss, match="parameter a_N: recorded"):
        opened.execute(NAMED, {"a_1": 3, "b_1": "x"})
    for number, name in ((1, "first"), (2, "second")):
        row = opened.execute(NAMED, {"a_1": number, "b_1": MOMENT}).fetchone()
        assert row == (name,)


@recorded(
    lossy(ONE, {"a_N": [1]}, "first", "bind_names"),
    lossy(ONE, {"a_N": [2]}, "second", "bind_names"),
)
def test_a_single_value_needs_no_turn(opened: Opened) -> None:
    named = ONE.replace("__td_param__", "a_1")
    assert opened.execute(named, {"a_1": 2}).fetchone() == ("second",)
    assert opened.execute(named, {"a_1": 1}).fetchone() == ("first",)


@recorded(lossy(ERASED, {"s_1_N": ["todo", "done"]}, "Ada", "bind_names"))
def test_values_of_one_folded_name_are_compared_without_order(opened: Opened) -> None:
    sql = ERASED.replace("__td_param__", "s_1_1", 1).replace("__td_param__", "s_1_2")
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(sql, {"s_1_1": "done", "s_1_2": "done"})
    right = {"s_1_1": "done", "s_1_2": "todo"}
    assert opened.execute(sql, right).fetchone() == ("Ada",)


@recorded(
    lossy(ERASED, {"a__N": LOST, "b__N": LOST}, "Ada", "bind_names", "parameters")
)
def test_a_batch_is_known_by_its_keys(opened: Opened) -> None:
    sql = ERASED.replace("__td_param__", "a__0", 1).replace("__td_param__", "b__0")
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(sql.replace("b__0", "c__0"), {"a__0": 1, "c__0": 2})
    values = {"a__0": 1, "b__0": 2, "a__1": 3, "b__1": 4}
    assert opened.execute(sql, values).fetchone() == ("Ada",)


def gap(sql: str, parameters: Any, *losses: str) -> Any:
    lost = ["white_space", "outcome", *losses]
    return exchange(sql, parameters, lossy=lost, results=[])


@recorded(
    gap(SELECT, [1]),
    lossy(SELECT, [1], "second"),
    lossy(SELECT, [2], "other"),
)
def test_asking_for_a_lost_outcome_is_a_miss(opened: Opened) -> None:
    assert opened.execute(SELECT, [2]).fetchone() == ("other",)
    with pytest.raises(opened.api.ReplayMiss, match="lost when recorded: .*outcome"):
        opened.execute(SELECT, [1])
    assert opened.execute(SELECT, [1]).fetchone() == ("second",)


@recorded(
    gap(ERASED, None, "bind_names", "parameters"),
    lossy(ERASED, {"a_N": [1], "b_N": [2]}, "second", "bind_names"),
)
def test_unknown_parameters_may_have_been_any(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(NAMED, {"a_1": 1, "b_1": 2})
    row = opened.execute(NAMED, {"a_1": 1, "b_1": 2}).fetchone()
    assert row == ("second",)


@recorded(
    lossy(SELECT, [{"uuid": str(uuid.UUID(int=1))}], "Ada", volatile=[0]),
    lossy(SELECT, ["2026-01-02T03:04:05+00:00"], "Eve", "types", volatile=[0]),
)
def test_a_declared_parameter_may_differ_in_its_value_alone(opened: Opened) -> None:
    with pytest.raises(opened.api.ReplayMiss):
        opened.execute(SELECT, [7])
    assert opened.execute(SELECT, [MOMENT]).fetchone() == ("Eve",)
    assert opened.execute(SELECT, [uuid.UUID(int=9)]).fetchone() == ("Ada",)


FAILED: dict[str, Any] = {
    "error": {
        "class": "psycopg.errors.UndefinedTable",
        "sqlstate": "42P01",
        "message": "no",
    },
    "results": [],
    "status": "INERROR",
    "times": 2,
    "lossy": ["white_space", "diagnostics", "status"],
}


@recorded(exchange(SELECT, [1], **FAILED))
def test_a_lost_status_follows_from_the_client_s_state(opened: Opened) -> None:
    opened.connection.autocommit = True
    with pytest.raises(opened.errors.UndefinedTable) as error:
        opened.execute(SELECT, [1])
    assert error.value.sqlstate == "42P01"
    assert error.value.diag.constraint_name is None
    assert opened.connection.info.transaction_status.name == "IDLE"
    opened.connection.autocommit = False
    with pytest.raises(opened.errors.UndefinedTable):
        opened.execute(SELECT, [1])
    assert opened.connection.info.transaction_status.name == "INERROR"


def test_what_nobody_recorded_of_the_server_is_a_miss(tmp_path: Any) -> None:
    made = Opened(make_fixture(tmp_path, {}, [{"server_parameters": {}}]))
    info = made.connection.info
    for ask in (
        lambda: info.server_version,
        lambda: info.timezone,
        lambda: info.encoding,
        lambda: info.parameter_status("DateStyle"),
    ):
        with pytest.raises(made.api.ReplayMiss, match="this parameter_status"):
            ask()
    assert len(made.replay.ledger.misses()) == 4
    assert info.parameter_status("not.a.parameter") is None


def test_a_timestamp_keeps_its_offset_where_no_zone_was_recorded(tmp_path: Any) -> None:
    made = Opened(make_fixture(tmp_path, {}, [{"server_parameters": {}}]))
    text = made.connection.cursor().format
    loader = made.connection.adapters.get_loader(1184, text)
    shown = loader(1184, made.connection).load(b"2026-01-02 03:04:05+01")
    assert shown.isoformat() == "2026-01-02T03:04:05+01:00"
