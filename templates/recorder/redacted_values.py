"""Whether a cell that a database gives now is the one that was recorded as a pseudonym.

With the key it is compared by its pseudonym. Without it, cells that a rule may have
replaced cannot be compared, and are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from .pseudonyms import Unredactable
from .recorded_trace import RecordedExchange
from .redacted_cells import redact_cells
from .redaction import Redactor, Rules
from .redaction_key import KeyFault, pseudonyms
from .results import Column

SameCells: TypeAlias = Callable[[RecordedExchange, Column, Any, Any], bool | None]


def same_cells(redaction: dict[str, Any] | None) -> SameCells:
    """The comparison of two cells, recorded and found, that are not equal as they are."""
    if redaction is None:
        return lambda exchange, column, then, now: False
    rules = Rules(redaction["rules"])
    try:
        make = pseudonyms(redaction["key"])
    except KeyFault:
        make = None

    def same(
        exchange: RecordedExchange, column: Column, then: Any, now: Any
    ) -> bool | None:
        statement = rules.of_statement(exchange.sql)
        if make is None:
            named = statement.names_column(column.name)
            searched = statement.detectors or statement.patterns
            return None if named or searched else False
        redactor = Redactor(statement, lambda: make, lambda _, new: new())
        try:
            redact = redact_cells(column, statement, redactor)
            return bool(redact is not None and redact(now) == then)
        except Unredactable:
            return False

    return same
