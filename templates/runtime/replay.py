"""The replay of one fixture: scopes opened and closed, statements answered.

One instance a fixture package, shared by all connections; threads and tasks
are told apart by the scope that their context carries.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .binding import Bindings, Zone
from .connects import Ambiguous, Connects
from .errors import NotSupportedError
from .exchange import Exchange
from .fixture import Fixture
from .keys import Wanted
from .ledger import Ledger
from .matching import Asked, Listing, ScopeState, anything
from .miss import Known, ReplayMiss, Uncertain, lost_commits, report, uncertain
from .nearest import CopyData, nearest
from .notification import Deliveries
from .scopes import START_UP, Scope, Sent, current, fault, listen, redact_names
from .versions import other_versions

if TYPE_CHECKING:
    from .live_redaction import LiveRedaction


class Replay:
    """Answers statements from a fixture and keeps the ledger of it.

    `binds` says whether any scope has bound a value, so that rows are looked
    through for bound values only where there can be one; `lifts` says the same of
    pseudonyms.
    """

    def __init__(self, fixture: Fixture, ledger: Ledger) -> None:
        self.fixture = fixture
        self.ledger = ledger
        ledger.begin(fixture.stack, list(fixture.scopes))
        self._states: weakref.WeakSet[ScopeState] = weakref.WeakSet()
        # Start-up has no strict order: threads and the workers of pools run there.
        self._start_up = ScopeState(START_UP, fixture.exchanges(START_UP))
        # A process may be killed, so that start-up has no end to speak of.
        self._enter_listing(self._start_up)
        self.binds = False
        self.deliveries = Deliveries()
        self._redaction = _redaction(fixture)
        self.lifts = self._redaction is not None
        if self.lifts:
            redact_names(self._redacted_name)
        self._connects = Connects(fixture.connections())
        self._lock = threading.Lock()
        listen(self)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def answer(self, asked: Asked, zone: Zone) -> Exchange:
        """The exchange that answers `asked`, consumed; raises `ReplayMiss`."""
        found = self.find(asked, zone)
        if found is None:
            raise self.missed(asked)
        return found

    def find(
        self, asked: Asked, zone: Zone, wanted: Wanted = anything
    ) -> Exchange | None:
        """As `answer`, but None where nothing `wanted` answers; enters no miss.

        The scope's own exchanges come first, then those of the scopes around it, then
        what connections ask when they are set up, which is answered as often as asked.
        """
        scope = current()
        state = self._state_within(scope)
        answer = state.take(asked, zone, wanted)
        if answer is None and scope is not None:
            for outer in reversed(scope.around):
                state = self.state_of(outer)
                answer = state.take(asked, zone, wanted)
                if answer is not None:
                    break
            else:
                state = self._start_up
                answer = state.take(
                    asked, zone, lambda each: each.repeatable and wanted(each)
                )
        if answer is None:
            return None
        _list(scope, asked)
        if answer.listed:
            fields = {"scope": state.name, "exchange": answer.exchange.ordinal}
            self.ledger.enter("taken", fields, keep=answer.counted)
        self.binds = self.binds or state.bindings.used
        for live, text in answer.bound:
            fields = {"scope": state.name, "recorded": text, "live": live}
            self.ledger.enter("bound", fields)
        return answer.exchange

    def lifted(
        self, rows: list[tuple[Any, ...]], names: Sequence[str], sql: str | None
    ) -> list[tuple[Any, ...]]:
        """Rows with the live values of what was redacted, as far as they are known."""
        assert self._redaction is not None
        return self._redaction.rows(rows, names, sql, self._states_around())

    def lifted_text(self, payload: str) -> str:
        """The payload of a notification with what the application has sent anywhere."""
        return payload if self._redaction is None else self._redaction.text(payload)

    def redacted(self, asked: Asked) -> Asked:
        """What is asked as the recording has it, which may be with pseudonyms."""
        if self._redaction is None:
            return asked
        states = self._states_around()

        def told(live: str, text: str) -> None:
            fields = {"scope": states[0].name, "recorded": text, "live": live}
            self.ledger.enter("bound", fields)

        try:
            return self._redaction.asked(asked, states, told)
        except Uncertain as why:
            raise self._uncertain(states[0].name, asked[1], why) from None

    def _redacted_name(self, text: str) -> str:
        assert self._redaction is not None
        try:
            return self._redaction.name(text)
        except Uncertain as why:
            raise self._uncertain(START_UP, None, why) from None

    def _uncertain(self, scope: str, sql: str | None, why: Uncertain) -> ReplayMiss:
        text = uncertain(scope, sql, str(why))
        self.ledger.enter("miss", {"scope": scope, "report": text})
        fault(text)
        return ReplayMiss(text)

    def copies(self, sql: str, parameters: Any) -> list[Exchange]:
        """What a COPY of the current scope may be, in recorded order."""
        return self._state().copies(sql, parameters)

    def bindings(self) -> Bindings:
        """The values bound in the current scope, and in those around it."""
        return self._state_within(current()).bindings

    def end(
        self, operation: str, due: list[Exchange], *, nested: bool = False
    ) -> Exchange | None:
        """A commit or rollback, `nested` to a savepoint, that did more than succeed.

        `due` are the controls of the connection's last exchange that are left; the
        first of them is answered if the same is asked.
        """
        if operation == "commit" and not nested:
            self.committed()
        return self._control(due, lambda each: each.is_end(operation, nested))

    def begin(self, due: list[Exchange]) -> Exchange | None:
        """The begin of a transaction or savepoint that did more than succeed."""
        return self._control(due, lambda each: each.operation == "begin")

    def _control(self, due: list[Exchange], is_asked: Wanted) -> Exchange | None:
        state = self._state()
        if not due or not is_asked(due[0]):
            return state.take_due(is_asked)
        control = due.pop(0)
        control.left -= 1
        if state.listed:
            fields = {"scope": state.name, "exchange": control.ordinal}
            self.ledger.enter("taken", fields)
        return control

    def committed(self) -> None:
        """Count a commit of the current scope."""
        state = self._state()
        state.commits += 1
        if state.commits == 1 and state.listed:
            # By a task that outlived its scope.
            self.ledger.enter("committed", {"scope": state.name})

    def connect(
        self, settings: Mapping[str, str], place: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """The outcome of connecting: `server_parameters` and `backend_pid`, or `error`."""
        what = None
        try:
            outcome = self._connects.outcome(self._state(), settings, place)
        except Ambiguous:
            outcome = None
            what = "recorded connections of these settings shape values differently"
        if outcome is None:
            raise self.missed(("connect", what, dict(settings)))
        return outcome

    def start_clock(self, scope: Scope | None, moment: int) -> int:
        """When the clock of a scope starts: as recorded, or at the moment given."""
        name = START_UP if scope is None else self.fixture.name_of(scope)
        recorded = self.fixture.clock(name)
        return moment if recorded is None else recorded

    def opened(self, scope: Scope) -> None:
        self.deliveries.forget(scope.name)
        self.ledger.enter("scope_open", {"scope": scope.name})

    def closed(self, scope: Scope) -> None:
        if scope.process != os.getpid():
            # It ends where it was opened, and has been told of each taking here.
            return
        state = self.state_of(scope)
        self._enter_listing(state)
        commits = self.fixture.commits(self.fixture.name_of(scope))
        if commits and not state.commits:
            text = lost_commits(scope.name, commits, self.fixture.record_command)
            self.ledger.enter("lost_commits", {"scope": scope.name, "report": text})
        self.ledger.enter("scope_end", {"scope": scope.name})

    def _after_fork(self) -> None:
        self._lock = threading.Lock()
        self.ledger.after_fork()
        for state in (self._start_up, *self._states):
            state.after_fork()

    def _state(self) -> ScopeState:
        scope = current()
        return self._start_up if scope is None else self.state_of(scope)

    def _state_within(self, scope: Scope | None) -> ScopeState:
        """That of a scope, which knows what is bound around it by now."""
        if scope is None:
            return self._start_up
        state = self.state_of(scope)
        if scope.around:
            # Fixtures are set up as they are needed.
            self._stand_in(scope, state)
        return state

    def _states_around(self) -> list[ScopeState]:
        """Of the current scope, and of those that it stands in."""
        scope = current()
        if scope is None:
            return [self._start_up]
        return [self.state_of(each) for each in (scope, *reversed(scope.around))]

    def state_of(self, scope: Scope) -> ScopeState:
        """What is left of an open scope, read when it is first asked."""
        state: ScopeState | None = scope.state
        if state is not None:
            return state
        with self._lock:
            if scope.state is None:
                exchanges = self.fixture.exchanges(self.fixture.name_of(scope))
                strict = self.fixture.strict
                state = ScopeState(scope.name, exchanges, strict=strict)
                self._stand_in(scope, state)
                self._states.add(state)
                if scope.process != os.getpid():
                    state.after_fork()
                scope.state = state
            opened: ScopeState = scope.state
            return opened

    def _stand_in(self, scope: Scope, state: ScopeState) -> None:
        """Let a scope know what is bound in those around it, and at start-up."""
        outer = [each.state for each in reversed(scope.around) if each.state]
        state.bindings.stand_in(each.bindings for each in (*outer, self._start_up))

    def refused(
        self, what: str, kind: type[NotSupportedError] = NotSupportedError
    ) -> NotSupportedError:
        """Enter what can't be replayed; the exception is for the caller to raise.

        It is one of the DBAPI, which an application may well swallow.
        """
        scope = current()
        name = START_UP if scope is None else scope.name
        self.ledger.enter("unsupported", {"scope": name, "what": what})
        report = f"{what} is not replayed yet"
        fault(report)
        return kind(report)

    def missed(
        self,
        asked: Asked,
        data: CopyData | None = None,
        transaction: str | None = None,
    ) -> ReplayMiss:
        """Enter a miss; the exception is for the caller to raise.

        `data` are those that a COPY was sent, `transaction` is the mode that the
        client began its transaction with.
        """
        _list(current(), asked)
        state = self._state()
        try:
            near = nearest(asked, state, self.fixture, data)
            command = self.fixture.record_command
            text = report(asked, Known(state, near, command, data, transaction))
            text = "\n".join((text, *other_versions(self.fixture.packages)))
        except Exception as error:  # noqa: BLE001 - a miss is entered whatever it holds
            text = f"no recorded exchange answers {asked!r}\n  no report: {error!r}"
        self.ledger.enter("miss", {"scope": state.name, "report": text})
        if fault(text):
            self.ledger.told.add(text)
        return ReplayMiss(text)

    def _enter_listing(self, state: ScopeState) -> None:
        listing = state.listing()
        exchanges = [
            {
                "exchange": exchange.ordinal,
                "operation": exchange.operation,
                "sql": exchange.sql,
                "parameters": exchange.parameters,
                "left": left,
                "times": exchange.times,
            }
            for exchange, left in listing.unused
        ]
        if listing.used and self.ledger.is_written:
            # In the file alone: it is as long as what was recorded.
            self.ledger.enter("used", _used(state.name, listing), keep=False)
        self.ledger.enter("unused", {"scope": state.name, "exchanges": exchanges})


def _used(scope: str, listing: Listing) -> dict[str, Any]:
    """Each text once; of an exchange the ordinal, counts, operation and text."""
    texts: dict[str, int] = {}
    exchanges = [
        (
            exchange.ordinal,
            taken,
            exchange.times,
            exchange.operation,
            None
            if exchange.sql is None
            else texts.setdefault(exchange.sql, len(texts)),
        )
        for exchange, taken in listing.used
    ]
    return {"scope": scope, "sql": list(texts), "exchanges": exchanges}


def _redaction(fixture: Fixture) -> LiveRedaction | None:
    if fixture.redaction is None:
        return None
    # Most fixtures have none, and do not wait for its expressions.
    from .live_redaction import LiveRedaction

    return LiveRedaction(fixture.redaction)


_replay: Replay | None = None
_replay_lock = threading.Lock()


def replay() -> Replay:
    """The replay of the fixture package that holds this runtime, made when first used."""
    global _replay
    with _replay_lock:
        if _replay is None:
            package = __name__.rpartition(".runtime.")[0]
            ledger = Ledger(os.environ.get("MOCK_CURSOR_LEDGER"))
            _replay = Replay(Fixture(package), ledger)
        return _replay


def _list(scope: Scope | None, asked: Asked) -> None:
    """Let who opened the scope see what is asked in it, if he wants to."""
    if scope is not None and scope.asked is not None and asked[1] is not None:
        scope.asked.append(Sent(*asked))
