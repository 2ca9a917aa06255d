"""Recorded exchanges as a scope module holds them, parsed when the scope is opened.

Rows stay JSON text here: a row is decoded when it is fetched, never before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from .channels import changes_channels
from .columns import RowDescription, described_by, global_types
from .mask import Mask, Pair, Places
from .notification import Notification, Sender
from .text_parts import TextParts, text_parts

if TYPE_CHECKING:
    from .decoding import RowLoader

# What the server says at the ends of a transaction, whoever asked for them.
CONTROL_TAGS = frozenset(
    {
        "BEGIN",
        "START TRANSACTION",
        "COMMIT",
        "ROLLBACK",
        "PREPARE TRANSACTION",
        "COMMIT PREPARED",
        "ROLLBACK PREPARED",
    }
)


@dataclass(slots=True)
class RecordedResult:
    """One result of an exchange: a `RowDescription` with rows, or a command tag.

    `rows` are JSON arrays as text, one a row; `columns` is None for a result
    without rows.  `partial` says that the application stopped reading before
    the end, so that rows beyond these are not known.
    """

    columns: RowDescription | None
    rowcount: int
    tag: str | None
    rows: Sequence[str] = ()
    empty: bool = False
    partial: bool = False
    _kept: tuple[RowLoader, list[tuple[Any, ...]]] | None = None

    def values(self, load: RowLoader) -> list[tuple[Any, ...]]:
        """All rows as `load` makes them, which is kept for the next one to ask.

        The list is not for applications: they may change theirs.
        """
        kept = self._kept
        if kept is None or kept[0] is not load:
            kept = self._kept = load, load.rows(self.rows)
        return kept[1]


class News(NamedTuple):
    """What came with later rows: with the first that is read behind `after` of them."""

    after: int
    notices: Sequence[Mapping[str, Any]]
    server_parameters: Mapping[str, str]


COPIES = frozenset({"copy_in", "copy_out"})
"""Operations whose rows are blocks of data."""

_DONE_IN_PARTS = ("declare", "executemany", "stream")


@dataclass(slots=True, eq=False)
class Exchange:
    """One statement as it was sent when recorded, and its outcome.

    `parameters` are tagged values; `volatile` says what of them and of the SQL text
    may differ at replay, None for nothing; `lossy` names what another recorder did not
    keep; `left` counts how often it may still be taken, of `times` that it was recorded,
    and `taken_by` is the number of the statement that took it last.
    `transaction` is the mode that the client began the transaction with, if it said any.
    `controls` are the begins and ends of transactions, and the syncs of pipelines, that
    the driver sent after it on its connection, as far as they did more than succeed.

    `interrupted` says that its call, in a pipeline, raised an error that had arrived.
    `later` came with rows that were read later.  `sends` names it for the notifications
    that come when its transaction commits.
    """

    ordinal: int
    operation: str
    sql: str | None
    parameters: Any
    status: str
    transaction: str | None = None
    results: Sequence[RecordedResult] = ()
    volatile: Volatile | None = None
    lossy: Sequence[str] = ()
    error: Mapping[str, Any] | None = None
    notices: Sequence[Mapping[str, Any]] = ()
    server_parameters: Mapping[str, str] = field(default_factory=dict)
    later: Sequence[News] = ()
    notifications: Sequence[Notification] = ()
    sends: Sender | None = None
    interrupted: bool = False
    repeatable: bool = False
    times: int = 1
    left: int = 1
    taken_by: int = 0
    controls: Sequence[Exchange] = ()

    @classmethod
    def refused(cls, operation: str, error: Mapping[str, Any]) -> Exchange:
        """What a server answers by its state alone; nothing in it was recorded."""
        # Nothing changes, neither the status nor what comes next.
        status = "INERROR" if error["sqlstate"] else "ACTIVE"
        return cls(0, operation, None, None, status, error=error, repeatable=True)

    def without_error(self) -> Exchange:
        """The same as if it had succeeded as far as it got."""
        return replace(self, error=None)

    @property
    def alters(self) -> bool:
        """Whether a connection is or has another state after it, or raises."""
        tags = [result.tag for result in self.results]
        return bool(
            self.error
            or self.controls
            or self.notices
            or self.server_parameters
            or self.notifications
            or self.sends
            or self.interrupted
            or self.status == "UNKNOWN"
            or not CONTROL_TAGS.isdisjoint(tags)
            or changes_channels(tags)
        )

    def is_begun_as(self, transaction: str | None) -> bool:
        """Whether its transaction has that mode; of lossy ones nobody knows."""
        return self.transaction == transaction or bool(self.lossy)

    @property
    def fails_late(self) -> bool:
        """Whether results came before the error, which whoever goes on raises."""
        return bool(self.error and self.results) and self.operation in _DONE_IN_PARTS

    @property
    def is_silence(self) -> bool:
        """Whether it is a run of `notifies()` to which nothing came."""
        return self.operation == "notifies" and not (self.notifications or self.error)

    @property
    def was_cancelled(self) -> bool:
        """Whether its task was cancelled before the answer came."""
        if self.error is None:
            return False
        return bool(self.error.get("class") == "asyncio.exceptions.CancelledError")

    @property
    def was_skipped(self) -> bool:
        """Whether an error before it in its pipeline kept the server from it."""
        error = self.error
        return error is not None and error["class"] == "psycopg.errors.PipelineAborted"

    @property
    def fails_in_client(self) -> bool:
        """Whether it was never sent, or no more of it."""
        if self.error is None or self.error["sqlstate"] or self.was_skipped:
            return False
        return self.status != "UNKNOWN"

    @property
    def is_control(self) -> bool:
        """Whether it is a begin or an end of a transaction, of a savepoint, or of
        what a pipeline sent.
        """
        return self.operation in ("begin", "commit", "rollback", "sync")

    def is_end(self, operation: str, nested: bool) -> bool:
        """Whether it is such an end of a transaction, (`nested`) of a savepoint, or of
        what a pipeline sent.
        """
        if self.operation != operation:
            return False
        # A connection that was lost has no status to tell them apart by.
        if operation == "sync" or self.status == "UNKNOWN":
            return True
        return nested == (self.status in ("INTRANS", "INERROR"))

    def pairs(self, live: Any, parts: Sequence[str] = ()) -> Iterator[Pair]:
        """The recorded and the live value at each volatile position.

        `live` are parameters of this exchange's form, and `parts` those of the SQL text.
        """
        if self.volatile is None:
            return
        if self.volatile.sql is not None:
            kinds = self.volatile.sql.kinds
            yield from map(Pair, kinds, self.volatile.parts, parts)
        recorded = parameter_sets(self.operation, self.parameters)
        asked = parameter_sets(self.operation, live)
        for then, now in zip(recorded, asked, strict=True):
            yield from self.volatile.mask.pairs(then, now)


class Volatile:
    """What may differ in one exchange, and who says so.

    `places` are by source: `declared` in the configuration, `inferred` from a second
    recording, or only `suspected`, by their form.  `mask` covers all of them in the
    parameters, `certain` those that are not only suspected; `sql` finds the volatile
    `parts` of the SQL text, each of which is certain or not.
    """

    __slots__ = ("certain", "certain_parts", "mask", "parts", "places", "sql")

    def __init__(self, places: Mapping[str, Places], sql: str | None) -> None:
        self.places = places
        certain = {**places.get("inferred", {}), **places.get("declared", {})}
        suspected = places.get("suspected", {})
        spans = sorted(
            (*span, source != "suspected")
            for source, each in places.items()
            for span in each.get("sql", ())
        )
        self.parts = tuple(part for _, part, _, _ in spans)
        self.certain_parts = tuple(is_certain for *_, is_certain in spans)
        self.sql = _sql_parts(sql or "", spans) if spans else None
        self.certain = _mask(certain)
        self.mask = _mask({**suspected, **certain}) if suspected else self.certain

    @property
    def is_certain(self) -> bool:
        """Whether nothing is only suspected."""
        return self.mask is self.certain and all(self.certain_parts)


def _mask(places: Places) -> Mask:
    """Of the places in parameters; those of results are for people to read."""
    pointers = {place: what for place, what in places.items() if place[0] == "/"}
    return Mask.of(pointers)


def _sql_parts(sql: str, spans: Sequence[tuple[int, str, str, bool]]) -> TextParts:
    pieces = []
    end = 0
    for start, part, kind, _ in spans:
        pieces += [sql[end:start], kind]
        end = start + len(part)
    return text_parts((*pieces, sql[end:]), in_sql=True)


def read_exchanges(
    sql: Sequence[str], columns: str, data: str, ordinal: int = 0
) -> list[Exchange]:
    """Parse the three literals `SQL`, `COLUMNS` and `EXCHANGES` of a scope module.

    `ordinal` is the last one that was given in its scope.

    Lines are split at LF only: JSON escapes it, while `str.splitlines` would
    also split at U+2028 and others that may stand in a cell.
    """
    described = [line for line in columns.split("\n") if line]
    # Asked for once, as it is an import each time.
    types = global_types()
    lines = data.split("\n")
    exchanges: list[Exchange] = []
    at = 0
    end = len(lines)
    while at < end:
        line = lines[at]
        at += 1
        if not line:
            continue
        head = json.loads(line)
        results = []
        for result in head.get("results", ()):
            count = result.get("rows", 0)
            number = result.get("columns")
            results.append(
                RecordedResult(
                    columns=None
                    if number is None
                    else described_by(described[number], types),
                    rowcount=result["rowcount"],
                    tag=result.get("tag"),
                    rows=lines[at : at + count],
                    empty=result.get("empty", False),
                    partial=result.get("partial", False),
                )
            )
            at += count
        ordinal += 1
        exchange = _exchange(head, ordinal, sql)
        exchange.results = results
        controls = head.get("controls")
        if controls is not None:
            exchange.controls = [
                _exchange(control, ordinal + number, sql, exchange.left)
                for number, control in enumerate(controls, 1)
            ]
            ordinal += len(controls)
        exchanges.append(exchange)
    return exchanges


_SOURCES = ("declared", "inferred", "suspected")


def _exchange(
    head: Mapping[str, Any], ordinal: int, sql: Sequence[str], times: int = 1
) -> Exchange:
    index = head.get("sql")
    text = None if index is None else sql[index]
    times = head.get("times", times)
    exchange = Exchange(
        ordinal=ordinal,
        operation=head["operation"],
        sql=text,
        parameters=head.get("parameters"),
        status=head["status"],
        transaction=head.get("transaction"),
        volatile=_volatile(head, text),
        lossy=head.get("lossy", ()),
        error=head.get("error"),
        notices=head.get("notices", ()),
        server_parameters=head.get("server_parameters", {}),
        repeatable=head.get("repeatable", False),
        times=times,
        left=times,
    )
    # Few have any of these, and a scope may have thousands.
    if not _RARE.isdisjoint(head):
        exchange.later = [_news(each) for each in head.get("later", ())]
        heard = head.get("notifications", ())
        exchange.notifications = [_notification(each) for each in heard]
        exchange.sends = _sender(head.get("sends"))
        exchange.interrupted = head.get("interrupted", False)
    return exchange


_RARE = frozenset({"later", "notifications", "sends", "interrupted"})


def _news(head: Mapping[str, Any]) -> News:
    return News(
        head["after"], head.get("notices", ()), head.get("server_parameters", {})
    )


def _notification(head: Mapping[str, Any]) -> Notification:
    after = _sender(head.get("after"))
    return Notification(head["channel"], head["payload"], head.get("pid"), after)


def _sender(sender: Sequence[Any] | None) -> Sender | None:
    return None if sender is None else (sender[0], sender[1])


def _volatile(head: Mapping[str, Any], sql: str | None) -> Volatile | None:
    places = {source: head[source] for source in _SOURCES if source in head}
    if not places:
        return None
    volatile = Volatile(places, sql)
    # What differs in results alone is as it was recorded.
    return volatile if volatile.mask or volatile.sql else None


def parameter_sets(operation: str, parameters: Any) -> list[Any]:
    """The sets of parameters: one, or those of `executemany`."""
    return parameters if operation == "executemany" else [parameters]
