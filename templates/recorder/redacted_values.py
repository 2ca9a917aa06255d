"""What can be compared of a redacted trace with what a database gives now.

With the key a cell is compared by its pseudonym. Without it, cells that a rule may have
replaced cannot be compared; nor can, in either case, what was asked with pseudonyms,
which the database does not have.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .pseudonyms import Pseudonyms, Unredactable, is_pseudonym
from .recorded_trace import RecordedExchange
from .redacted_cells import redact_cells
from .redaction import Redactor, Rules
from .redaction_key import KeyFault, pseudonyms
from .results import Column

_WORD = re.compile(r"[^\s'\"\\(),;:<>{}\[\]]+")


class RedactedValues:
    """The rules of a trace, if it has any, and the key, if it is there."""

    def __init__(self, redaction: dict[str, Any] | None) -> None:
        self._rules = Rules([] if redaction is None else redaction["rules"])
        self._make: Pseudonyms | None = None
        if redaction is not None:
            try:
                self._make = pseudonyms(redaction["key"])
            except KeyFault:
                # It is told by what is not compared.
                self._make = None

    def may_be(
        self, exchange: RecordedExchange, column: Column, then: Any, now: Any
    ) -> bool:
        """Whether a cell that is another one now may be the recorded one all the same."""
        statement = self._rules.of_statement(exchange.sql)
        make = self._make
        if make is None:
            searched = bool(statement.detectors or statement.patterns)
            return searched or statement.names_column(column.name)
        redactor = Redactor(statement, lambda: make, lambda _, new: new())
        try:
            redact = redact_cells(column, statement, redactor)
            return redact is not None and bool(redact(now) == then)
        except Unredactable:
            return False

    def asks_with_pseudonyms(self, exchange: RecordedExchange) -> bool:
        """Whether a statement holds, or was sent, what stands for something else."""
        if not self._rules.rules:
            return False
        statement = self._rules.of_statement(exchange.sql)
        parameters = exchange.parameters
        sets = parameters if exchange.operation == "executemany" else [parameters]
        for each in sets or ():
            names = each if isinstance(each, dict) else range(len(each or ()))
            if any(statement.names_parameter(name) for name in names):
                return True
        said = f"{exchange.sql} {json.dumps(parameters, ensure_ascii=False)}"
        return any(map(is_pseudonym, _WORD.findall(said)))
