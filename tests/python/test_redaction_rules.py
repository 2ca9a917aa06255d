"""Rules of redaction, and tagged parameters under them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from launcher_folder import REPOSITORY, shared

REDACTION = shared("redaction")
PACKAGE = REDACTION.__name__.rpartition(".")[0]
PSEUDONYMS = __import__(f"{PACKAGE}.pseudonyms", fromlist=["Pseudonyms"])
DETECTORS = __import__(f"{PACKAGE}.detectors", fromlist=["found"])
made = PSEUDONYMS.Pseudonyms(b"a key of the tests, and long enough")
STATEMENT = "INSERT INTO users (email) VALUES (%(email)s)"


def redacted(
    parameters: Any, *rules: dict[str, Any], operation: str = "execute"
) -> tuple[Any, list[Any]]:
    """The parameters, and the values that were replaced."""
    replaced: list[Any] = []

    def choose(before: Any, make: Any) -> Any:
        replaced.append(before)
        return make()

    statement = REDACTION.Rules(rules).of_statement(STATEMENT)
    redactor = REDACTION.Redactor(statement, lambda: made, choose)
    return redactor.parameters(operation, parameters), replaced


def test_a_named_parameter_is_replaced_and_no_other() -> None:
    rule = {"parameters": ["email*"]}
    given = {"email": "ada@example.org", "email__0": "x", "name": "ada@example.org"}
    new, replaced = redacted(given, rule)
    assert new["email"] == made.text("ada@example.org")
    assert new["name"] == "ada@example.org"
    assert replaced == ["ada@example.org", "x"]


def test_positions_and_statements_are_named_too() -> None:
    rule = {"statement": "INSERT INTO users *", "parameters": ["1"]}
    assert redacted(["a", "b"], rule)[1] == ["b"]
    elsewhere = {"statement": "INSERT INTO other *", "parameters": ["*"]}
    assert redacted(["a", "b"], elsewhere)[1] == []


def test_each_set_of_executemany_is_looked_at() -> None:
    rule = {"parameters": ["0"]}
    new, replaced = redacted([["a", 1], ["b", 2]], rule, operation="executemany")
    assert replaced == ["a", "b"]
    assert [each[1] for each in new] == [1, 2]


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (None, []),
        (7, [7]),
        (1.5, [1.5]),
        ({"float": "nan"}, [{"float": "nan"}]),
        ({"decimal": "1.50"}, [{"decimal": "1.50"}]),
        ({"int": str(2**70)}, [{"int": str(2**70)}]),
        ({"bytes": "YWJj"}, [{"bytes": "YWJj"}]),
        ({"uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}, 1),
        ({"date": "1815-12-10"}, 1),
        ({"datetime": "1815-12-10T01:02:03+00:00"}, 1),
        ({"datetime": {"value": "1815-12-10T01:02:03", "zone": "UTC", "fold": 0}}, 1),
        ({"time": "10:20:30"}, 1),
        ({"ip": ["IPv4Address", "10.1.2.3"]}, 1),
        ({"surrogates": "7aCA"}, 1),
        ({"object": ["app.Money", "12 EUR"]}, 1),
        (["a", ["b"]], ["a", "b"]),
        ({"tuple": ["a", 1]}, ["a", 1]),
        ({"dict": [["key", "a"]]}, ["a"]),
        ({"subclass": ["app.Text", "a"]}, ["a"]),
        ({"jsonb": '{"a": [1, "b", true, null]}'}, ["1", "b"]),
    ],
)
def test_every_kind_of_value_keeps_its_kind(value: Any, parts: Any) -> None:
    ((new,), replaced) = redacted([value], {"parameters": ["0"]})
    assert type(new) is type(value)
    if isinstance(value, dict):
        assert new.keys() == value.keys()
    assert replaced == parts if isinstance(parts, list) else len(replaced) == parts
    # As the replay has to come to the same.
    assert redacted([value], {"parameters": ["0"]})[0] == [new]


@pytest.mark.parametrize(
    "value",
    [
        True,
        {"timedelta": [1, 2, 3]},
        {"enum": ["app.Color", "RED", 1]},
        {"range": ["[)", 1, 2]},
    ],
)
def test_what_has_no_pseudonym_is_refused_by_name(value: Any) -> None:
    with pytest.raises(PSEUDONYMS.Unredactable, match=r"^parameter secret: a "):
        redacted({"secret": value}, {"parameters": ["secret"]})
    # Where it is only suspected, it stays.
    assert redacted({"secret": value}, {"detectors": ["password"]}) == (
        {"secret": value},
        [],
    )


def test_a_pattern_replaces_what_its_group_finds() -> None:
    rule = {"pattern": r"customer (\d+)"}
    text = "customer 17 and customer 18, not 19"
    ((new,), replaced) = redacted([text], rule)
    assert replaced == ["17", "18"]
    assert new == (f"customer {made.text('17')} and customer {made.text('18')}, not 19")


def test_documents_keep_what_is_not_replaced() -> None:
    text = '{"b" : 1.0,"a":["ada@example.org", "\\u00e9t\\u00e9"], "password": "x1", "n": 5}'
    rule = {"detectors": ["email", "password"]}
    ((new,), replaced) = redacted([{"json": text}], rule)
    assert replaced == ["ada@example.org", "x1"]
    assert new["json"] == text.replace(
        "ada@example.org", made.text("ada@example.org")
    ).replace('"x1"', f'"{made.text("x1")}"')
    ((whole,), _) = redacted([{"json": text}], {"parameters": ["*"]})
    assert json.loads(whole["json"]).keys() == json.loads(text).keys()
    # What no dumper of JSON makes is left to itself.
    broken = {"json": '{"a": "\\q", "b": "ada@example.org"}'}
    ((kept,), _) = redacted([broken], rule)
    assert kept["json"].startswith('{"a": "\\q"')


FOUND = {
    "key": [
        "AKIAIOSFODNN7ABCDEFG",
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2_" * 5,
        "glpat-" + "a1B2-" * 4,
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "xoxb-1234567890-abcdef",
        "AIza" + "a1B2c" * 7,
        "eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeKKF2QT4",
    ],
    "card": ["4242424242424242", "3782 822463 10005", "6011-0009-9013-9424"],
    "email": ["ada@example.org", "Ada.L+x@mail.example.co.uk", "ada%40example.org"],
}


@pytest.mark.parametrize("detector", FOUND)
def test_detectors_find_what_they_are_for(detector: str) -> None:
    for value in FOUND[detector]:
        text = f"see <{value}>, please"
        ((new,), replaced) = redacted([text], {"detectors": [detector]})
        assert replaced == [value]
        assert value not in new
        # And nothing in what they made of it.
        assert redacted([new], {"detectors": [detector]}) == ([new], [])


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdefghijklmnop1234", "abcdefghijklmnop1234"),
        ("postgresql://app:hunter2@db/app", "hunter2"),
        ("PASSWORD 'hunter22'", "hunter22"),
        ("token=abc123xyz;", "abc123xyz"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC==\n-----END RSA",
            "\nMIIEow\nIBAAKC==",
        ),
    ],
)
def test_secrets_are_found_by_what_stands_around_them(text: str, secret: str) -> None:
    rule = {"detectors": ["key", "password"]}
    ((new,), replaced) = redacted([text], rule)
    assert replaced == [secret]
    assert new == text.replace(secret, made.secret(secret))
    assert redacted([new], rule)[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424243",
        "1234567890123456",
        "id4242424242424242",
        "0.4242424242424242",
        "3f2504e0-4111-1111-1111-111111111111",
        "ada@localhost",
        "rae@fvzyidp.jpn.example",
        "AKIAIOSFODNN7EXAMPLE",
        "SET password = %(password)s",
        "WHERE token = users.token",
        "the password is secret",
        "http://host:8080/path",
    ],
)
def test_detectors_leave_other_texts_alone(text: str) -> None:
    rule = {"detectors": ["key", "password", "card", "email"]}
    assert redacted([text], rule) == ([text], [])


def test_redaction_finds_what_the_secret_scan_finds() -> None:
    # One file for both, so that neither knows of something that the other does not.
    cases = (REPOSITORY / "tests" / "secrets" / "cases.jsonl").read_text().splitlines()
    assert len(cases) > 30
    for line in cases:
        case = json.loads(line)
        found = [
            name
            for name in DETECTORS.NAMES
            if any(DETECTORS.found(case["text"], [name]))
        ]
        assert sorted(found) == sorted(case["found"]), line


def test_names_tell_of_secrets() -> None:
    for name in ("password", "user_password_1", "apiKey", "X-API-KEY", "token_hash"):
        assert DETECTORS.is_secret_name(name), name
    for name in ("password_changed_at", "tokens_left", "secretary", "key", "pass"):
        assert not DETECTORS.is_secret_name(name), name


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "names no columns"),
        ({"statement": "*"}, "names no columns"),
        ({"column": ["a"]}, "unknown key 'column'"),
        ({"columns": "a"}, "columns is not a list"),
        ({"pattern": 1}, "pattern is not a text"),
        ({"pattern": "("}, "no regular expression"),
        ({"detectors": ["phone"]}, "unknown detector 'phone'"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(REDACTION.RuleError, match=said):
        REDACTION.Rules([rule])


def test_keys_are_found_and_never_guessed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    keys = __import__(f"{PACKAGE}.redaction_key", fromlist=["pseudonyms"])
    for name in (keys.KEY, keys.KEY_FILE):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(keys.KeyFault, match="there is no key"):
        keys.pseudonyms()
    monkeypatch.setenv(keys.KEY, "short")
    with pytest.raises(keys.KeyFault, match="shorter than 16"):
        keys.pseudonyms()
    key = "a key of the tests, and long enough"
    monkeypatch.setenv(keys.KEY, key)
    assert keys.pseudonyms(made.fingerprint).text("Ada") == made.text("Ada")
    with pytest.raises(keys.KeyFault, match="another one") as raised:
        keys.pseudonyms("00000000")
    assert key not in str(raised.value)
    monkeypatch.delenv(keys.KEY)
    (tmp_path / "key").write_text(key + "\n")
    monkeypatch.setenv(keys.KEY_FILE, str(tmp_path / "key"))
    assert keys.pseudonyms().fingerprint == made.fingerprint
    monkeypatch.setenv(keys.KEY_FILE, str(tmp_path / "none"))
    with pytest.raises(keys.KeyFault, match="No such file"):
        keys.pseudonyms()
