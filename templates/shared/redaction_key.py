"""The key of the pseudonyms: in the environment, or in a file that it names.

It stands in no trace, no fixture and no message.
"""

from __future__ import annotations

import os

from .pseudonyms import Pseudonyms

KEY = "MOCK_CURSOR_REDACTION_KEY"
KEY_FILE = "MOCK_CURSOR_REDACTION_KEY_FILE"

_SHORTEST = 16


class KeyFault(Exception):
    """There is no key, or none that can be used."""


def pseudonyms(fingerprint: str | None = None) -> Pseudonyms:
    """The pseudonyms of the key at hand, which must be the one of a `fingerprint`."""
    made = Pseudonyms(_key())
    if fingerprint is not None and made.fingerprint != fingerprint:
        raise KeyFault("the key is another one than when it was recorded")
    return made


def _key() -> bytes:
    key = os.environ.get(KEY, "").encode("utf-8", "surrogateescape")
    path = os.environ.get(KEY_FILE)
    if path and not key:
        try:
            with open(path, "rb") as file:
                key = file.read().strip()
        except OSError as error:
            raise KeyFault(f"{path}: {error.strerror}") from error
    if not key:
        raise KeyFault(f"there is no key: set {KEY}, or {KEY_FILE}")
    if len(key) < _SHORTEST:
        raise KeyFault(f"the key is shorter than {_SHORTEST} bytes")
    return key
