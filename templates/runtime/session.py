"""The server's parameters of one connection, as far as values depend on them.

Texts of dates, intervals and strings mean different things under different settings;
the trace has the settings at connect and each change, and a `Session` keeps them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from . import errors as e

logger = logging.getLogger("psycopg")

# Psycopg's words: the codecs of Python by PostgreSQL's names of encodings.
CODECS = {
    "ABC": "cp1258",
    "ALT": "cp866",
    "BIG5": "big5",
    "EUC_CN": "gb2312",
    "EUC_JIS_2004": "euc_jis_2004",
    "EUC_JP": "euc_jp",
    "EUC_KR": "euc_kr",
    "GB18030": "gb18030",
    "GBK": "gbk",
    "ISO_8859_5": "iso8859-5",
    "ISO_8859_6": "iso8859-6",
    "ISO_8859_7": "iso8859-7",
    "ISO_8859_8": "iso8859-8",
    "JOHAB": "johab",
    "KOI8": "koi8-r",
    "KOI8R": "koi8-r",
    "KOI8U": "koi8-u",
    "LATIN1": "iso8859-1",
    "LATIN10": "iso8859-16",
    "LATIN2": "iso8859-2",
    "LATIN3": "iso8859-3",
    "LATIN4": "iso8859-4",
    "LATIN5": "iso8859-9",
    "LATIN6": "iso8859-10",
    "LATIN7": "iso8859-13",
    "LATIN8": "iso8859-14",
    "LATIN9": "iso8859-15",
    "MSKANJI": "shift_jis",
    "MSWIN932": "shift_jis",
    "MSWIN936": "gbk",
    "MSWIN949": "cp949",
    "MSWIN950": "cp950",
    "SHIFTJIS": "shift_jis",
    "SHIFT_JIS_2004": "shift_jis_2004",
    "SJIS": "shift_jis",
    "SQL_ASCII": "ascii",
    "TCVN": "cp1258",
    "TCVN5712": "cp1258",
    "UHC": "cp949",
    "UNICODE": "utf-8",
    "UTF8": "utf-8",
    "VSCII": "cp1258",
    "WIN": "cp1251",
    "WIN1250": "cp1250",
    "WIN1251": "cp1251",
    "WIN1252": "cp1252",
    "WIN1253": "cp1253",
    "WIN1254": "cp1254",
    "WIN1255": "cp1255",
    "WIN1256": "cp1256",
    "WIN1257": "cp1257",
    "WIN1258": "cp1258",
    "WIN866": "cp866",
    "WIN874": "cp874",
    "WIN932": "shift_jis",
    "WIN936": "gbk",
    "WIN949": "cp949",
    "WIN950": "cp950",
}

# The parameters that a text of the server depends on.
SHAPING = (
    "client_encoding",
    "server_encoding",
    "TimeZone",
    "DateStyle",
    "IntervalStyle",
)
_zones: dict[str, tzinfo] = {"": UTC, "UTC": UTC}


class Session:
    """Server parameters by name, and what follows from them for values."""

    __slots__ = ("parameters", "settings")

    # Of the last connection, as libpq remembers for who has none.
    backslashes_were_plain = False

    def __init__(self, parameters: Mapping[str, str] | None = None) -> None:
        self.parameters: dict[str, str] = {}
        # All that the values of rows depend on: sessions of equal ones have equal rows.
        self.settings: tuple[str | None, ...] = ()
        self.update(parameters or {})

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.parameters!r}>"

    def update(self, changes: Mapping[str, str]) -> None:
        """Take over what the server said it changed."""
        self.parameters.update(changes)
        self.settings = tuple(map(self.parameters.get, SHAPING))
        if "standard_conforming_strings" in changes:
            Session.backslashes_were_plain = self.backslashes_are_plain

    def get(self, name: str) -> str | None:
        return self.parameters.get(name)

    @property
    def backslashes_are_plain(self) -> bool:
        """Whether backslashes in literals stand for themselves, as they usually do."""
        return self.parameters.get("standard_conforming_strings") != "off"

    @property
    def encoding(self) -> str:
        """Python's codec of ``client_encoding``."""
        name = self.parameters.get("client_encoding", "UTF8")
        try:
            return CODECS[name]
        except KeyError:
            raise e.NotSupportedError(
                f"codec not available in Python: {name!r}"
            ) from None

    @property
    def encoding_errors(self) -> str:
        """How bytes that are not in the encoding are carried through texts.

        Without a declared encoding values are bytes in the end, any bytes; with one
        they raise, as they do in psycopg.
        """
        return "surrogateescape" if self.encoding == "ascii" else "strict"

    @property
    def texts_are_valid(self) -> bool:
        """Whether no text of the server can be undecodable.

        PostgreSQL checks and converts encodings, unless an end of the connection
        declares to have none.
        """
        encoding = self.parameters.get("client_encoding", "UTF8")
        server = self.parameters.get("server_encoding", "UTF8")
        return encoding == "UTF8" and server != "SQL_ASCII"

    @property
    def timezone(self) -> tzinfo:
        """The zone of ``TimeZone``; UTC, with a warning, where Python knows none."""
        name = self.parameters.get("TimeZone", "UTC")
        zone = _zones.get(name)
        if zone is not None:
            return zone
        try:
            zone = ZoneInfo(name)
        except (KeyError, OSError, ValueError):
            logger.warning("unknown PostgreSQL timezone: %r; will use UTC", name)
            zone = UTC
        _zones[name] = zone
        return zone

    @property
    def shown_zone(self) -> tzinfo | None:
        """The zone in which values are shown; None where it was never recorded.

        A value then keeps the offset that it was recorded with.
        """
        return self.timezone if "TimeZone" in self.parameters else None

    @property
    def date_style(self) -> str:
        return self.parameters.get("DateStyle", "ISO, MDY")

    @property
    def interval_style(self) -> str:
        return self.parameters.get("IntervalStyle", "postgres")


# Without a connection there is no zone to ask for.
DEFAULT = Session({"TimeZone": "UTC"})


def session_of(context: object) -> Session:
    """The session behind whatever may be given as a context of adaptation."""
    for holder in (context, getattr(context, "connection", None)):
        for name in ("_session", "session"):
            session = getattr(holder, name, None)
            if isinstance(session, Session):
                return session
    return DEFAULT
