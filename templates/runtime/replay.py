"""The replay of one fixture: scopes opened and closed, statements answered.

One instance a fixture package, shared by all connections; threads and tasks
are told apart by the scope that their context carries.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from .binding import Bindings, Zone
from .errors import NotSupportedError
from .exchange import Exchange
from .fixture import Fixture
from .ledger import Ledger
from .matching import Asked, ScopeState, Wanted, anything
from .miss import ReplayMiss, lost_commits, report
from .notification import Deliveries
from .scopes import START_UP, Scope, current, listen
from .session import SHAPING


class Replay:
    """Answers statements from a fixture and keeps the ledger of it.

    `binds` says whether any scope has bound a value, so that rows are looked
    through for bound values only where there can be one.
    """

    def __init__(self, fixture: Fixture, ledger: Ledger) -> None:
        self.fixture = fixture
        self.ledger = ledger
        self._start_up = ScopeState(START_UP, fixture.exchanges(START_UP))
        # A process may be killed, so that start-up has no end to speak of.
        self._list_unused(self._start_up)
        self.binds = False
        self.deliveries = Deliveries()
        self._connections = fixture.connections()
        pids = [
            pid for each in self._connections for pid in each.get("backend_pids", ())
        ]
        self._last_pid = max(pids, default=0)
        self._lock = threading.Lock()
        listen(self)

    def answer(self, asked: Asked, zone: Zone, wanted: Wanted = anything) -> Exchange:
        """The exchange that answers `asked`, consumed; raises `ReplayMiss`."""
        found = self.find(asked, zone, wanted)
        if found is None:
            raise self.missed(asked)
        return found

    def remember(self, sql: str, parameters: Any, exchange: Exchange) -> None:
        """Let the scope know by the parameters themselves what has answered them."""
        self._state().remember(sql, parameters, exchange)

    def find(
        self, asked: Asked, zone: Zone, wanted: Wanted = anything
    ) -> Exchange | None:
        """As `answer`, but None where nothing `wanted` answers; enters no miss.

        The scope's own exchanges come first, then what connections ask when
        they are set up, which is answered as often as asked.
        """
        state = self._state()
        answer = state.take(asked, zone, wanted)
        if answer is None and state is not self._start_up:
            state = self._start_up
            answer = state.take(
                asked, zone, lambda each: each.repeatable and wanted(each)
            )
        if answer is None:
            return None
        if state.listed and answer.counted:
            fields = {"scope": state.name, "exchange": answer.exchange.ordinal}
            self.ledger.enter("taken", fields)
        self.binds = self.binds or bool(state.bindings)
        for live, text in answer.bound:
            fields = {"scope": state.name, "recorded": text, "live": live}
            self.ledger.enter("bound", fields)
        return answer.exchange

    def bindings(self) -> Bindings:
        """The values bound in the current scope."""
        return self._state().bindings

    def end(
        self, operation: str, due: Exchange | None, *, nested: bool = False
    ) -> Exchange | None:
        """A commit or rollback, `nested` to a savepoint, that did more than succeed.

        `due` is the one that ended the transaction of the connection's last
        exchange when recorded; it is answered if the same is asked.
        """
        state = self._state()
        if operation == "commit" and not nested:
            self.committed()
        if due is None or not due.is_end(operation, nested):
            return state.take_end(operation, nested)
        due.left -= 1
        if state.listed:
            self.ledger.enter("taken", {"scope": state.name, "exchange": due.ordinal})
        return due

    def committed(self) -> None:
        """Count a commit of the current scope."""
        state = self._state()
        state.commits += 1
        if state.commits == 1 and state.listed:
            # By a task that outlived its scope.
            self.ledger.enter("committed", {"scope": state.name})

    def connect(self, settings: Mapping[str, str]) -> Mapping[str, Any]:
        """The outcome of connecting: `server_parameters` and `backend_pid`, or `error`.

        Errors are those of the scope, in their order; a connection that came
        about is given as often as it is asked for with equal settings.  Where
        all had the same, they may have come with the URL, and don't matter.
        """
        scope = current()
        name = START_UP if scope is None else scope.name
        with self._lock:
            for number, outcome in enumerate(self._connections):
                if "error" in outcome and outcome.get("scope") == name:
                    return self._connections.pop(number)
        made = [outcome for outcome in self._connections if "error" not in outcome]
        kinds = [outcome.get("settings", {}) for outcome in made]
        if settings not in kinds and all(kind == kinds[0] for kind in kinds):
            settings = kinds[0] if kinds else settings
        equal = [
            outcome
            for outcome, kind in zip(made, kinds, strict=True)
            if kind == settings
        ]
        if not equal:
            raise self.missed(("connect", None, dict(settings)))
        parameters = [outcome["server_parameters"] for outcome in equal]
        if any(_shaping(each) != _shaping(parameters[0]) for each in parameters):
            what = "recorded connections of these settings shape values differently"
            raise self.missed(("connect", what, dict(settings)))
        pid = self._backend_pid(equal)
        return {"server_parameters": parameters[0], "backend_pid": pid}

    def _backend_pid(self, recorded: Sequence[Mapping[str, Any]]) -> int:
        """The next one of these connections, or one that none had when recorded."""
        with self._lock:
            for outcome in recorded:
                if outcome.get("backend_pids"):
                    pid: int = outcome["backend_pids"].pop(0)
                    return pid
            self._last_pid += 1
            return self._last_pid

    def opened(self, scope: Scope) -> None:
        self.deliveries.forget(scope.name)
        self.ledger.enter("scope_open", {"scope": scope.name})

    def closed(self, scope: Scope) -> None:
        state = self._state_of(scope)
        self._list_unused(state)
        commits = self.fixture.commits(scope.name)
        if commits and not state.commits:
            text = lost_commits(scope.name, commits, self.fixture.record_command)
            self.ledger.enter("lost_commits", {"scope": scope.name, "report": text})
        self.ledger.enter("scope_end", {"scope": scope.name})

    def _state(self) -> ScopeState:
        scope = current()
        return self._start_up if scope is None else self._state_of(scope)

    def _state_of(self, scope: Scope) -> ScopeState:
        state: ScopeState | None = scope.state
        if state is not None:
            return state
        with self._lock:
            if scope.state is None:
                scope.state = ScopeState(scope.name, self.fixture.exchanges(scope.name))
            opened: ScopeState = scope.state
            return opened

    def refused(self, what: str) -> NotSupportedError:
        """Enter what can't be replayed; the exception is for the caller to raise.

        It is one of the DBAPI, which an application may well swallow.
        """
        scope = current()
        name = START_UP if scope is None else scope.name
        self.ledger.enter("unsupported", {"scope": name, "what": what})
        return NotSupportedError(f"{what} is not replayed yet")

    def missed(self, asked: Asked) -> ReplayMiss:
        """Enter a miss; the exception is for the caller to raise."""
        state = self._state()
        command = self.fixture.record_command
        try:
            text = report(state.name, asked, state.recorded, state.bindings, command)
        except Exception as error:  # noqa: BLE001 - a miss is entered whatever it holds
            text = f"no recorded exchange answers {asked!r}\n  no report: {error!r}"
        self.ledger.enter("miss", {"scope": state.name, "report": text})
        return ReplayMiss(text)

    def _list_unused(self, state: ScopeState) -> None:
        exchanges = [
            {
                "exchange": exchange.ordinal,
                "operation": exchange.operation,
                "sql": exchange.sql,
                "parameters": exchange.parameters,
                "left": exchange.left,
            }
            for exchange in state.list_unused()
        ]
        self.ledger.enter("unused", {"scope": state.name, "exchanges": exchanges})


def _shaping(parameters: Mapping[str, str]) -> list[str | None]:
    """The server parameters on which values depend."""
    return [parameters.get(name) for name in SHAPING]


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
