"""What a project redacts and declares, and what its runs have used."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from project_commands import FIXTURES, Repository

pytestmark = pytest.mark.skipif(
    "DATABASE_URL" not in os.environ, reason="needs a server"
)

ADA = "ada@mail.name"
TESTS = f"""
import os, psycopg, pytest

@pytest.fixture
def ask():
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        yield lambda *asked: connection.execute(*asked).fetchone()[0]

def test_mail(ask):
    assert ask("select 'to ' || %s::text", ["{ADA}"]) == "to {ADA}"

def test_two(ask):
    assert ask("select 2") == 2
"""
TABLE = '[tool.mock-cursor]\nfixtures = "tests/fixtures/mock_cursor"\n'
REDACT = f'{TABLE}[[tool.mock-cursor.redact]]\ndetectors = ["email"]\n'
KEY = {"MOCK_CURSOR_REDACTION_KEY": "a key of the tests, and long enough"}
MAIL, TWO = "tests/test_it.py::test_mail", "tests/test_it.py::test_two"
PASSED = {MAIL: "PASSED", TWO: "PASSED"}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path, test_it=TESTS)
    made.write("pyproject.toml", REDACT)
    return made


def test_a_project_keeps_pseudonyms(repository: Repository) -> None:
    assert repository.record(**KEY) == PASSED, repository.said
    kept = repository.kept()
    assert not [name for name, text in kept.items() if ADA in text]
    assert all('"redaction"' in text for name, text in kept.items() if "jsonl" in name)
    assert repository.mock_cursor("gen", "--check") == 0, repository.said
    assert repository.replay(**KEY) == PASSED, repository.said
    # Without the key, what no rule speaks of is answered still.
    assert repository.replay() == {**PASSED, MAIL: "FAILED"}
    assert "hint: set MOCK_CURSOR_REDACTION_KEY" in repository.said


def test_what_stays_must_be_of_the_same_rules_and_key(repository: Repository) -> None:
    repository.record(**KEY)
    kept = repository.kept()
    for rules, key in (
        (REDACT, {"MOCK_CURSOR_REDACTION_KEY": "another key of the tests"}),
        (REDACT.replace('["email"]', '["card", "email"]'), KEY),
    ):
        repository.write("pyproject.toml", rules)
        repository.record("--mode", "all", **key)
        assert "hint: record all of it again: `mock-cursor record --mode rewrite" in (
            repository.said
        )
        assert repository.kept() == kept
    assert repository.mock_cursor("gen", "--check") == 2
    assert "recorded with other rules of redaction" in repository.said
    assert repository.record("--mode", "rewrite", **KEY) == PASSED, repository.said
    assert repository.mock_cursor("gen", "--check") == 0, repository.said


def test_a_secret_fails_the_check_of_a_project(repository: Repository) -> None:
    repository.write("pyproject.toml", TABLE)
    assert repository.record() == PASSED
    assert "warning: looks like an e-mail address" in repository.said
    assert repository.mock_cursor("gen", "--check") == 1
    assert "redact it by a [[tool.mock-cursor.redact]] rule" in repository.said
    assert repository.mock_cursor("--format", "json", "gen", "--check") == 1
    found = [json.loads(line)["error"] for line in repository.said.splitlines()]
    assert found and all(ADA not in each["what"] for each in found)
    declared = f'value = "{ADA}"\nreason = "an address of the documentation"\n'
    table = f"{TABLE}[[tool.mock-cursor.not-secret]]\n{declared}"
    repository.write("pyproject.toml", table)
    assert repository.mock_cursor("gen", "--check") == 0, repository.said


def test_a_run_says_what_it_used(repository: Repository) -> None:
    repository.write("pyproject.toml", TABLE)
    repository.record()
    ledger = str(repository.folder / "ledger.jsonl")
    report = ("--format", "json", "ledger", ledger)
    assert repository.replay("-k", "two", MOCK_CURSOR_LEDGER=ledger) == {TWO: "PASSED"}
    assert repository.mock_cursor(*report) == 0
    said = json.loads(repository.said)
    assert said["never_opened"] == [MAIL] and said["unused"] == 0, said
    assert repository.mock_cursor(*report, "--fail-on-unused") == 1
    # Another process adds to it.
    assert repository.replay("-k", "mail", MOCK_CURSOR_LEDGER=ledger) == {
        MAIL: "PASSED"
    }
    assert repository.mock_cursor(*report, "--fail-on-unused") == 0, repository.said
    said = json.loads(repository.said)
    assert said["processes"] == 2 and said["never_opened"] == [], said
    assert (repository.folder / FIXTURES / "index.py").is_file()
