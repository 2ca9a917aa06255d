"""Numbers of payment cards: what the issuers give, with a valid last digit.

The secret scan reads the expressions from here; see `detectors`.
"""

from __future__ import annotations

import re

CARD = r"[0-9](?:[ -]?[0-9]){13,15}"
NUMBER = r"(?:4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|35(?:2[89]|[3-8])|6(?:011|2|5|4[4-9]))[0-9]+"
"""Of 16 digits: Visa, Mastercard, JCB, Discover, UnionPay."""
OTHER_NUMBER = r"3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}"
"""American Express, Diners Club."""

_CARD = re.compile(CARD)
_NUMBER = re.compile(NUMBER)
_OTHER_NUMBER = re.compile(OTHER_NUMBER)


def is_card(text: str) -> bool:
    """Whether a text is a number that an issuer of cards may have given."""
    if not _CARD.fullmatch(text):
        return False
    digits = re.sub("[ -]", "", text)
    of_16 = len(digits) == 16 and _NUMBER.fullmatch(digits) is not None
    if not of_16 and not _OTHER_NUMBER.fullmatch(digits):
        return False
    return luhn_digit(digits[:-1]) == digits[-1]


def luhn_digit(digits: str) -> str:
    """The digit that makes a number of these valid (ISO/IEC 7812-1)."""
    total = 0
    for place, each in enumerate(reversed(digits)):
        doubled = int(each) * (2 - place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)
