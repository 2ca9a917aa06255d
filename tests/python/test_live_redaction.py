"""Replays of redacted fixtures: live values are compared by their pseudonyms."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from launcher_folder import shared
from opened import Opened
from recordings import exchange, make_fixture

MODULE = shared("pseudonyms")
KEY = "a key of the tests, and long enough"
made = MODULE.Pseudonyms(KEY.encode())
ADA, BOB = "ada@example.org", "bob@example.org"
SELECT = "SELECT name FROM users WHERE email = %s"
RULES = [{"columns": ["c0"], "parameters": ["*"]}]

Redacted: TypeAlias = Callable[..., Opened]


@pytest.fixture
def redacted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Redacted:
    """A redacted fixture with the scope `s` open, with the key or without."""
    monkeypatch.setenv("MOCK_CURSOR_REDACTION_KEY", KEY)

    def of(
        *exchanges: Any, rules: Any = RULES, fingerprint: str = "", **scopes: Any
    ) -> Opened:
        package = make_fixture(tmp_path, {"s": list(exchanges), **scopes})
        header = {"rules": rules, "key": fingerprint or made.fingerprint}
        with (tmp_path / package.__name__ / "index.py").open("a") as index:
            index.write(f"REDACTION = {json.dumps(header)!r}\n")
        opened = Opened(package)
        scope = opened.scopes.open_scope("s", "test")
        scope.__enter__()
        request.addfinalizer(lambda: scope.__exit__(None, None, None))
        return opened

    return of


def misses(opened: Opened) -> list[str]:
    return list(opened.replay.ledger.misses())


def test_a_live_value_is_found_by_its_pseudonym(redacted: Redacted) -> None:
    opened = redacted(
        exchange(SELECT, [made.text(ADA)], [["Ada"]]),
        exchange(SELECT, [made.text(BOB)], [["Bob"]]),
    )
    assert opened.execute(SELECT, [BOB]).fetchone() == ("Bob",)
    assert opened.execute(SELECT, [ADA]).fetchone() == ("Ada",)


def test_rows_give_back_what_was_sent_and_pseudonyms_of_the_rest(
    redacted: Redacted,
) -> None:
    answer = exchange(
        SELECT, [made.text(ADA)], [[made.text(ADA), "1"], [made.text(BOB), "2"]]
    )
    opened = redacted(answer)
    rows = opened.execute(SELECT, [ADA]).fetchall()
    assert rows == [(ADA, "1"), (made.text(BOB), "2")]


def test_a_pseudonym_that_comes_back_stands_for_itself(redacted: Redacted) -> None:
    # As an application that takes a name from a row, and asks with it.
    opened = redacted(
        exchange("a", None, [[made.text("Lovelace")]]),
        exchange("b", [made.text("Lovelace")], [["1"]]),
        exchange("c", [made.text("Lovelace"), made.text(ADA)], [["2"]]),
    )
    ((name,),) = opened.execute("a").fetchall()
    assert name == made.text("Lovelace")
    assert opened.execute("b", [name]).fetchone() == ("1",)
    assert opened.execute("c", [name, ADA]).fetchone() == ("2",)


def test_what_may_be_either_is_a_miss(redacted: Redacted) -> None:
    # The real x has a pseudonym, and is the pseudonym of another letter itself.
    real = "x"
    exchanges = [
        exchange("a", None, [[real]]),
        exchange("b", [made.text(real)], [["of x"]]),
        exchange("b", [real], [["of the other"]]),
    ]
    opened = redacted(*exchanges, t=exchanges)
    # What nobody has been given can only be live.
    assert opened.execute("b", [real]).fetchone() == ("of x",)
    with opened.scopes.open_scope("t", "test"):
        assert opened.execute("a").fetchone() == (real,)
        with pytest.raises(opened.api.ReplayMiss, match="may be what a row gave"):
            opened.execute("b", [real])


def test_without_a_key_it_says_so_where_it_matters(
    redacted: Redacted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOCK_CURSOR_REDACTION_KEY")
    opened = redacted(
        exchange("a", None, [[made.text(ADA)]]),
        exchange(SELECT, [made.text(ADA)], [["Ada"]]),
        exchange("plain", [], [["x"]]),
    )
    assert opened.execute("plain", []).fetchone() == ("x",)
    ((email,),) = opened.execute("a").fetchall()
    # A pseudonym that comes back needs no key.
    assert opened.execute(SELECT, [email]).fetchone() == ("Ada",)
    with pytest.raises(opened.api.ReplayMiss) as raised:
        opened.execute(SELECT, [ADA])
    assert "there is no key: set MOCK_CURSOR_REDACTION_KEY" in str(raised.value)
    assert ADA not in str(raised.value)
    assert misses(opened) == [str(raised.value)]


def test_another_key_is_told(redacted: Redacted) -> None:
    opened = redacted(exchange(SELECT, ["x"], [["Ada"]]), fingerprint="00000000")
    with pytest.raises(opened.api.ReplayMiss, match="another one than when"):
        opened.execute(SELECT, [ADA])


def test_a_miss_shows_pseudonyms(redacted: Redacted) -> None:
    opened = redacted(exchange(SELECT, [made.text(ADA)], [["Ada"]]))
    with pytest.raises(opened.api.ReplayMiss) as raised:
        opened.execute(SELECT, [BOB])
    assert BOB not in str(raised.value)
    assert f'asked str "{made.text(BOB)}"' in str(raised.value)


def test_texts_of_statements_are_compared_redacted(redacted: Redacted) -> None:
    literal = f"SELECT 1 WHERE '{ADA}' LIKE '%@example.org'"
    opened = redacted(
        exchange(literal.replace(ADA, made.text(ADA)), None, [["1"]]),
        rules=[{"detectors": ["email"]}],
    )
    assert opened.execute(literal).fetchone() == ("1",)


def test_found_parts_are_given_back_within_texts(redacted: Redacted) -> None:
    said = f"Dear <{made.text(ADA)}>, "
    opened = redacted(
        exchange("INSERT", [said], [[said]]), rules=[{"detectors": ["email"]}]
    )
    live = f"Dear <{ADA}>, "
    assert opened.execute("INSERT", [live]).fetchone() == (live,)


def test_documents_and_arrays_are_lifted(redacted: Redacted) -> None:
    name, number = made.text("Lovelace"), made.integer(12345)
    document = json.dumps({"name": name, "n": number, "list": [name]})
    answer = exchange("INSERT", [name, number, [name]], [[document]])
    opened = redacted(answer)
    module = importlib.import_module(f"{opened.package}.runtime.live_redaction")
    opened.execute("INSERT", ["Lovelace", 12345, ["Lovelace"]])
    seen = opened.replay._redaction._seen_of([opened.scopes.current().state])
    assert isinstance(seen, module._Seen)
    assert seen.lifted(json.loads(document)) == {
        "name": "Lovelace",
        "n": 12345,
        "list": ["Lovelace"],
    }


def test_the_ledger_tells_what_stands_for_what(redacted: Redacted) -> None:
    opened = redacted(
        exchange("INSERT", [made.text(ADA), made.integer(1815)], [["x"]], times=2)
    )
    for _ in range(2):
        opened.execute("INSERT", [ADA, 1815])
    bound = [e["bound"] for e in opened.replay.ledger.entries if "bound" in e]
    assert bound == [
        {"scope": "s", "recorded": made.text(ADA), "live": ADA},
        # As it is written in a URL.
        {
            "scope": "s",
            "recorded": made.text(ADA).replace("@", "%40"),
            "live": ADA.replace("@", "%40"),
        },
        {"scope": "s", "recorded": str(made.integer(1815)), "live": "1815"},
    ]


def test_scopes_are_named_with_pseudonyms(redacted: Redacted) -> None:
    opened = redacted(rules=[{"detectors": ["email"]}])
    name = opened.scopes.request_name("GET", "/users/ada%40example.org", "", b"")
    assert name == f"GET /users/{made.text(ADA).replace('@', '%40')}"


def test_volatile_values_are_redacted_first(redacted: Redacted) -> None:
    then, now = "2026-11-24T00:11:22.333444", "2026-12-01T10:20:30.400500"
    insert = exchange("INSERT", [{"datetime": made.text(then)}], [["x"]], volatile=[0])
    select = exchange("SELECT", [{"datetime": made.text(then)}], [["y"]])
    opened = redacted(insert, select)
    live = dt.datetime.fromisoformat(now)
    assert opened.execute("INSERT", [live]).fetchone() == ("x",)
    assert opened.execute("SELECT", [live]).fetchone() == ("y",)
