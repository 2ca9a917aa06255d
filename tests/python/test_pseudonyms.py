"""Pseudonyms: of the same type and form, the same for the same, and told from real ones."""

from __future__ import annotations

import datetime as dt
import decimal
import ipaddress
import itertools
import re
import uuid
from typing import Any

import pytest
from launcher_folder import shared

MODULE = shared("pseudonyms")
CARDS = shared("cards")
KEY = b"a key of the tests, and long enough"
made = MODULE.Pseudonyms(KEY)
other = MODULE.Pseudonyms(b"another key of the tests, of length")

# No two of one line become one, whatever the line.
DOMAINS = {
    "digits": [str(number) for number in range(10)],
    "years": [str(number) for number in range(1000, 10_000)],
    "letters": ["".join(each) for each in itertools.product("abcdefgh", repeat=3)],
    "phones": [f"+49 170 {number:04d}" for number in range(2_000)],
    "addresses": [f"user{number}@example.org" for number in range(1_000)],
    "days": [
        (dt.date(2024, 1, 1) + dt.timedelta(days)).isoformat() for days in range(366)
    ],
    "uuids": [str(uuid.UUID(int=number)) for number in range(500)],
    "networks": [f"10.{number}.0.0/16" for number in range(256)],
}


@pytest.mark.parametrize("name", DOMAINS)
def test_different_values_stay_different(name: str) -> None:
    values = DOMAINS[name]
    new = {made.text(value) for value in values}
    assert len(new) == len(values)
    assert sum(made.text(value) == value for value in values) <= 3
    assert [made.text(value) for value in values] != [other.text(v) for v in values]


def test_what_a_pseudonym_is_never_changes() -> None:
    # Fixtures are kept: another pseudonym for the same would make misses of all.
    assert made.text("ada@example.org") == "rae@fvzyidp.jpn.example"
    assert made.text("Ada Lovelace") == "For Coshzbqv"
    assert made.integer(1815) == 2162
    assert made.text("2026-11-24T00:11:22.333444+00:00") == (
        "2026-09-25T17:01:40.440738+00:00"
    )
    assert made.fingerprint == "03fd7087"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("Ada Lovelace", r"[A-Z][a-z]{2} [A-Z][a-z]{7}"),
        ("ADA-7", r"[A-Z]{3}-\d"),
        ("Zoë", r"[A-Z][a-z][À-ÿ]"),
        ("山田", r"[一-龥]{2}"),
        ("01234", r"0\d{4}"),
        ("-17", r"-[1-9]\d"),
        ("1234.50", r"[1-9]\d{3}\.\d{2}"),
        ("4242 4242 4242 4242", r"9\d{3} \d{4} \d{4} \d{4}"),
        ("ada+x@mail.example.org", r"[a-z]{3}\+[a-z]@[a-z]+\.[a-z]+\.[a-z]+\.example"),
        (
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}",
        ),
        ("2026-11-24", r"2026-\d\d-\d\d"),
        ("2026-11-24 01:02:03.5+02", r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+02"),
        ("192.168.1.17", r"\d+\.\d+\.\d+\.\d+"),
        ("AKIAIOSFODNN7ABCDEFG", r"AKIA[0-9A-Z]{9}EXAMPLE"),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", r"sk_live_[0-9A-Za-z]{17}EXAMPLE"),
        ("Tr0ub4dor&3", r"[A-Z][a-z]\d[a-z]{2}\d[a-z]{3}&\dEXAMPLE"),
        ("", ""),
        ("--", "--"),
    ],
)
def test_a_text_keeps_its_form(value: str, form: str) -> None:
    new = made.text(value)
    assert re.fullmatch(form, new), new
    assert len(new) >= len(value) or "." in value


def test_numbers_stay_within_the_types_that_held_them() -> None:
    for limit in (2**15, 2**31, 2**63):
        for number in (limit - 1, -limit):
            new = made.integer(number)
            assert -limit <= new < limit and len(str(new)) == len(str(number))
        assert not -limit <= made.integer(limit) < limit
        assert not -limit <= made.integer(-limit - 1) < limit
    assert len({made.integer(number) for number in range(-999, 1_000)}) == 1_999
    long = made.integer(10**60 + 7)
    assert len(str(long)) == 61
    with pytest.raises(MODULE.Unredactable, match="so many digits"):
        made.integer(1 << 40_000)
    for number in (0.5, -1e-7, 1.7976931348623157e308, 5e-324):
        new = made.floating(number)
        assert new not in (float("inf"), float("-inf")) and (new < 0) == (number < 0)
    assert made.floating(float("inf")) == float("inf")


def test_one_value_has_one_pseudonym_whatever_its_type() -> None:
    assert made.text("1815") == str(made.integer(1815)) == made.number("1815")
    card = "4242424242424242"
    assert made.text(card) == str(made.integer(int(card)))
    assert made.text("4242-4242-4242-4242").replace("-", "") == made.text(card)
    plain = uuid.UUID("3f2504e0-4f89-41d3-9a0c-0305e82c3301")
    assert uuid.UUID(made.text(plain.hex)) == uuid.UUID(made.text(str(plain)))
    instants = [
        "2026-11-24T01:00:00+01:00",
        "2026-11-24 00:00:00+00",
        "2026-11-24T00:00:00Z",
    ]
    parsed = {dt.datetime.fromisoformat(made.text(each)) for each in instants}
    assert len(parsed) == 1
    server, python = "2026-11-24 01:02:03.5", "2026-11-24T01:02:03.500000"
    texts = made.text(server), made.text(python)
    assert dt.datetime.fromisoformat(texts[0].ljust(26, "0")) == (
        dt.datetime.fromisoformat(texts[1])
    )


def test_texts_compare_without_case_as_before() -> None:
    for text in ("Ada Lovelace", "Ada@Example.ORG", "x" * 100 + "Y"):
        assert made.text(text.lower()) == made.text(text).lower()


def test_pseudonyms_are_told_from_real_values_and_stand_for_themselves() -> None:
    told = [
        "ada@example.org",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "Tr0ub4dor&3",
        "5d41402abc4b2a76b9719d911017c592aa",
        "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
    ]
    for value in told:
        new = made.text(value)
        assert not MODULE.is_pseudonym(value)
        assert MODULE.is_pseudonym(new), new
        assert made.text(new) == new == other.text(new)
    card = made.text("4111 1111 1111 1111")
    assert CARDS.is_card("4111 1111 1111 1111") and not CARDS.is_card(card)
    # By Luhn's formula it is valid all the same.
    assert CARDS.luhn_digit(card.replace(" ", "")[:-1]) == card[-1]


def test_a_secret_is_marked_whatever_it_looks_like() -> None:
    for secret in ("hunter2", "x", "-----", "correct horse battery staple"):
        assert made.secret(secret).endswith("EXAMPLE")
    assert made.secret("hunter2") != made.secret("hunter3")


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("10.0.0.0/8", ipaddress.ip_network),
        ("10.1.2.3/8", ipaddress.ip_interface),
        ("2001:db8::/32", ipaddress.ip_network),
        ("::1", ipaddress.ip_address),
        ("12:30", str),
        ("999.1.1.1", str),
    ],
)
def test_addresses_stay_valid(text: str, new: Any) -> None:
    assert new(made.text(text))
    assert text.partition("/")[2] == made.text(text).partition("/")[2]


def test_bytes_keep_their_length() -> None:
    for length in (0, 1, 16, 17, 1_000):
        assert len(made.data(bytes(length))) == length
    assert len({made.data(bytes([each])) for each in range(256)}) == 256


def test_times_and_moments_stay_of_the_calendar() -> None:
    moments = shared("moments")
    for text in ("00:00", "23:59:59.999999", "12:00:00.5+02", "24:00:00"):
        new = moments.pseudonym_of_time(text, made.below)
        assert new == text or dt.time.fromisoformat(new.ljust(5)) is not None
        assert len(new.partition("+")[0].partition(".")[0]) == len(
            text.partition("+")[0].partition(".")[0]
        )
    for text in ("2026-13-01", "2026-02-30T00:00:00", "2026-01-01T25:00:00"):
        assert made.text(text) == text
    for edge in ("0001-01-01", "9999-12-31", "9999-12-31T23:59:59+00:00"):
        assert made.text(edge)[:4] == edge[:4]


def test_large_texts_take_no_longer_than_they_are() -> None:
    text = "Grüße, 4 " * 20_000
    new = made.text(text)
    assert len(new) == len(text) and new != text
    assert made.text(text + "x")[:100] != new[:100]


def test_decimals_keep_their_scale() -> None:
    for text in ("0", "0.00", "-0.05", "1E+3", "123456789012345678901234567890.12"):
        new = decimal.Decimal(made.number(text))
        assert new.as_tuple().exponent == decimal.Decimal(text).as_tuple().exponent
    assert made.number("NaN") == "NaN"
