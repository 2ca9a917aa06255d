"""Forms of texts are the same here and in the generator, by which both decide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fixture.runtime.forms import form, json_form

CASES = Path(__file__).parents[1] / "forms" / "forms.jsonl"
KINDS = ("uuid", "timestamp", "hash", "token", "number", "text")


def _cases() -> list[dict[str, Any]]:
    # The generator has a test of the same file.
    lines = CASES.read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["text"][:40])
def test_a_text_has_the_forms_that_it_should_have(case: dict[str, Any]) -> None:
    text = case["text"]
    found = {kind: form(kind, text) for kind in KINDS}
    expected = {kind: f"str {each}" for kind, each in case["forms"].items()}
    assert {kind: each for kind, each in found.items() if each} == expected
    assert found == {kind: json_form(kind, text) for kind in KINDS}


@pytest.mark.parametrize(
    ("kind", "tagged", "expected"),
    [
        ("uuid", {"uuid": "3f2a9c1e-1111-4222-8333-444455556666"}, "UUID v4"),
        ("uuid", [{"uuid": "3f2a9c1e-1111-4222-8333-444455556666"}, 1], None),
        ("uuid", 1, None),
        ("timestamp", {"datetime": "2026-01-02T03:04:05"}, "datetime"),
        ("timestamp", {"date": "2026-01-02"}, None),
        ("number", 1, "int"),
        ("number", 1.5, "float"),
        ("number", True, None),
        ("number", None, None),
        ("number", {"decimal": "1.5"}, "decimal"),
        ("number", {"range": ["[)", 1, None]}, "range [) [int, None]"),
        ("number", {"tuple": [1, 2.5]}, "tuple [int, float]"),
        ("text", {"subclass": ["app.Name", "Ada"]}, "str text"),
        ("text", {"jsonb": '"Ada"'}, None),
        ("value", {"bytes": "AA=="}, "bytes"),
        ("value", [1, "x"], "[int, str]"),
    ],
)
def test_a_value_has_a_form_of_its_type(kind: str, tagged: Any, expected: Any) -> None:
    assert form(kind, tagged) == expected
