"""Keyed pseudonyms of values: the same for equal values, of the same type and form.

What a pseudonym is depends on the key and the value alone, so that a value has the same
one as a parameter, as a cell, in a document and within a text, when it is recorded and
when it is replayed. Those of e-mail addresses, cards, UUIDs and tokens can be told from
real ones by who does not have the key, see `is_pseudonym`. Decides nothing about what
is replaced.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re

from .cards import is_card, luhn_digit
from .moments import MOMENT, pseudonym_of_moment
from .permutation import permuted, stream

EMAIL = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._%+'-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
)
RESERVED = ".example"
"""The end of every address that is a pseudonym: no mail ever goes there (RFC 2606)."""

MARKS = ("EXAMPLE", "example")
"""The end of every token that is a pseudonym."""
HEX_MARK = "facade"

_UUID = re.compile(r"[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{33,}|[0-9A-F]{33,}")
_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?(e[+-]?[0-9]+)?", re.IGNORECASE)
_V4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_V6 = re.compile(r"[0-9a-f]*:[0-9a-f:.]*(?:/[0-9]{1,3})?", re.IGNORECASE)
_TOKEN = re.compile(r"[!-~]{10,512}")
# What tells a token's kind, and stays.
_KIND = re.compile(
    r"(?:AKIA|ASIA|gh[pousr]_|github_pat_|xox[abprs]-|glpat-|eyJ"
    r"|[a-z]{2,6}_(?:live|test)_|\$[0-9a-z]+\$)?"
)

# Numbers keep the width of the smallest integer type of a server that holds them.
_WIDTHS = (2**15, 2**31, 2**63)

# Letters of one script and case, of blocks that do not begin at a multiple of 64.
_BLOCKS = ((0x4E00, 0x9FA6), (0xAC00, 0xD7A4))

# Above, what depends on all of a text is as good as a permutation.
_LARGE = 2**128
_MOST_DIGITS = 38


class Unredactable(Exception):
    """A value of a kind that has no pseudonyms."""


class Pseudonyms:
    """The pseudonyms of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"mock-cursor pseudonyms\n" + key).digest()
        self._texts: dict[str, str] = {}

    @property
    def fingerprint(self) -> str:
        """Tells keys apart, and nothing of the key itself."""
        return stream(self._key, b"fingerprint", b"", 4).hex()

    def text(self, text: str) -> str:
        """Of a text, by the form that it has as a whole."""
        found = self._texts.get(text)
        if found is None:
            found = self._text(text)
            if len(text) <= _LONGEST_REMEMBERED:
                if len(self._texts) >= _MOST_REMEMBERED:
                    self._texts.clear()
                self._texts[text] = found
        return found

    def secret(self, text: str) -> str:
        """Of a text that is a secret by what stands around it; told by its end."""
        new = self.text(text)
        return new if new.endswith(MARKS) else _marked(new, MARKS[0])

    def _text(self, text: str) -> str:
        if is_pseudonym(text):
            return text
        if EMAIL.fullmatch(text):
            return self._letters(b"email", text) + RESERVED
        if is_card(text):
            return self._card(text)
        if _UUID.fullmatch(text):
            return self._uuid(text)
        if MOMENT.fullmatch(text):
            return pseudonym_of_moment(text, self.below)
        if _NUMBER.fullmatch(text):
            return self.number(text)
        if _V4.fullmatch(text) or _V6.fullmatch(text):
            return self._address_or_letters(text)
        if _HEX.fullmatch(text):
            return self._marked_hex(text)
        if is_secret_like(text):
            return self._token(text)
        return self._letters(b"text", text)

    def number(self, text: str) -> str:
        """Of a number in decimal digits, with as many digits and the same sign."""
        if is_card(text):
            return self._card(text)
        found = _NUMBER.fullmatch(text)
        if found is None:
            # NaN and infinities are no one's.
            return text
        sign, whole, fraction, exponent = found.groups(default="")
        digits = whole + fraction
        zeros = len(digits) - len(digits.lstrip("0"))
        zeros = min(zeros, len(digits) - 1)
        if len(digits) > _MOST_DIGITS:
            new = self._letters(b"number", digits)[zeros:]
            # A zero in front would be lost by who reads it as a number.
            new = digits[:zeros] + ("1" if new[0] == "0" else new[0]) + new[1:]
        else:
            magnitude = self._magnitude(int(digits[zeros:]), sign == "-")
            new = digits[:zeros] + str(magnitude)
        point = len(whole)
        new = new[:point] + ("." + new[point:] if fraction else "")
        return sign + new + exponent

    def integer(self, number: int) -> int:
        """Of an integer."""
        try:
            return int(self.number(str(number)))
        except ValueError:
            # Python refuses to spell very long ones.
            raise Unredactable(
                "an integer of so many digits has no pseudonym"
            ) from None

    def floating(self, number: float) -> float:
        """Of a float."""
        if not math.isfinite(number):
            return number
        text = self.number(repr(number))
        # With other digits, one of the largest might not be finite.
        return float(text.replace("e+308", "e+307"))

    def data(self, data: bytes) -> bytes:
        """Of bytes, as many."""
        if len(data) > 16:
            return stream(self._key, b"bytes", data, len(data))
        number = int.from_bytes(data, "big")
        new = self.below(b"bytes", 256 ** len(data), number)
        return new.to_bytes(len(data), "big")

    def below(self, domain: bytes, size: int, number: int) -> int:
        """Of a number below a size, another one below it."""
        return permuted(self._key, domain, size, number)

    def _magnitude(self, number: int, negative: bool) -> int:
        if negative and number == 0:
            return 0
        # A negative number is never zero.
        first = 10 ** (len(str(number)) - 1) if number > 9 else int(negative)
        last = 10 ** len(str(number))
        for width in _WIDTHS:
            end = width + negative
            if first < end < last:
                first, last = (end, last) if number >= end else (first, end)
        return first + self.below(b"number", last - first, number - first)

    def _card(self, text: str) -> str:
        digits = re.sub("[ -]", "", text)
        size = len(digits) - 2
        domain = b"card" + digits[0].encode()
        middle = self.below(domain, 10**size, int(digits[1:-1]))
        # No issuer's numbers begin with it.
        new = "9" + str(middle).zfill(size)
        new += luhn_digit(new)
        numbers = iter(new)
        return "".join(next(numbers) if each.isdigit() else each for each in text)

    def _uuid(self, text: str) -> str:
        digits = text.replace("-", "")
        free = digits[:12] + digits[13:16] + digits[17:]
        new = f"{self.below(b'uuid', 16**30, int(free, 16)):030x}"
        # Version 8 is free for whatever one wants (RFC 9562): a pseudonym can be told.
        new = new[:12] + "8" + new[12:15] + digits[16] + new[15:]
        numbers = iter(new.upper() if text.isupper() else new)
        return "".join("-" if each == "-" else next(numbers) for each in text)

    def _address_or_letters(self, text: str) -> str:
        try:
            return self.address(text)
        except ValueError:
            return self._letters(b"text", text)

    def address(self, text: str) -> str:
        """Of an IP address, or of a network, whose prefix keeps its length."""
        host, slash, prefix = text.partition("/")
        address = ipaddress.ip_address(host)
        bits = address.max_prefixlen
        number = int(address)
        network = bits if not slash else int(prefix)
        if slash and ipaddress.ip_interface(text).network.network_address != address:
            network = bits
        kept = bits - network
        domain = b"address%d" % bits
        new = self.below(domain, 2**network, number >> kept) << kept
        return f"{type(address)(new)}{slash}{prefix}"

    def _marked_hex(self, text: str) -> str:
        length = len(text) - len(HEX_MARK)
        data = stream(self._key, b"hex", text.lower().encode(), (length + 1) // 2)
        new = data.hex()[:length] + HEX_MARK
        return new.upper() if text.isupper() else new

    def _token(self, text: str) -> str:
        mark = MARKS[0] if re.search("[A-Z]", text) else MARKS[1]
        kind = _KIND.match(text)
        start = 0 if kind is None else kind.end()
        return _marked(text[:start] + self._letters(b"token", text)[start:], mark)

    def _letters(self, domain: bytes, text: str) -> str:
        """Letters and digits replaced by others of their kind; the rest stands.

        Whatever is upper case stays so and is lower case's equal, so that texts which
        are compared without case still can be.
        """
        kinds = [_kind(each) for each in text]
        digits = _digits(text, kinds)
        size = 1
        for _, count in kinds:
            size *= count
            if size >= _LARGE:
                break
        if size < _LARGE:
            number = 0
            for (_, count), digit in zip(kinds, digits, strict=True):
                number = number * count + digit
            number = self.below(domain + _skeleton(text, kinds), size, number)
            digits = []
            for _, count in reversed(kinds):
                number, digit = divmod(number, count)
                digits.append(digit)
            digits.reverse()
        else:
            data = text.lower().encode("utf-8", "surrogatepass")
            rest = stream(self._key, domain, data, 4 * len(text))
            words = (rest[at : at + 4] for at in range(0, len(rest), 4))
            digits = [
                int.from_bytes(word, "big") % count
                for word, (_, count) in zip(words, kinds, strict=True)
            ]
        pairs = zip(text, kinds, digits, strict=True)
        return "".join(_placed(each, kind, digit) for each, kind, digit in pairs)


def _marked(text: str, mark: str) -> str:
    # A short one grows, as too little of it would be left.
    return text + mark if len(text) < 20 else text[: -len(mark)] + mark


def is_pseudonym(text: str) -> bool:
    """Whether a text is unmistakably a pseudonym, of whatever key, or a placeholder."""
    if text.endswith(RESERVED) and "@" in text:
        return EMAIL.fullmatch(text) is not None
    if text.endswith((*MARKS, HEX_MARK, HEX_MARK.upper())):
        return _TOKEN.fullmatch(text) is not None and _varies(text)
    found = _UUID.fullmatch(text)
    return found is not None and text.replace("-", "")[12] == "8"


def is_secret_like(text: str) -> bool:
    """Whether a text looks like a password or a token: of many kinds of characters."""
    return _TOKEN.fullmatch(text) is not None and _varies(text)


def _varies(text: str) -> bool:
    kinds = [
        re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]")
    ]
    lower, upper, digit, _ = kinds
    if sum(kind is not None for kind in kinds) >= 3:
        return True
    mixed = digit is not None and (lower or upper) is not None
    return mixed and len(text) >= 16 and len(set(text)) >= 8


def _kind(character: str) -> tuple[int, int]:
    """Where the characters of this one's kind begin, and how many they are."""
    code = ord(character)
    if code < 0x80:
        if character.isalpha():
            return ord("a"), 26
        return (ord("0"), 10) if character.isdigit() else (code, 1)
    if not character.isalnum():
        return code, 1
    for first, end in _BLOCKS:
        if first <= code < end:
            return first, end - first
    return code & ~63, 64


def _digits(text: str, kinds: list[tuple[int, int]]) -> list[int]:
    ascii_lower = (each.lower() if each.isascii() else each for each in text)
    return [ord(each) - kind[0] for each, kind in zip(ascii_lower, kinds, strict=True)]


def _skeleton(text: str, kinds: list[tuple[int, int]]) -> bytes:
    firsts = "".join(chr(first) for first, _ in kinds)
    return firsts.encode("utf-8", "surrogatepass")


def _placed(before: str, kind: tuple[int, int], digit: int) -> str:
    new = chr(kind[0] + digit)
    return new.upper() if before.isascii() and before.isupper() else new


# What is asked again and again: names, addresses, keys.
_MOST_REMEMBERED = 100_000
_LONGEST_REMEMBERED = 200
