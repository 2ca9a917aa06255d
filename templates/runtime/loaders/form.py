"""The two forms of a loader that this package brings itself.

Both make, once, a plain function of a cell, and that function is what decodes the
cells of a result. Applications subclass them, as they do psycopg's, and where they
give a `load` of their own it is called instead, with bytes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from ..abc import Buffer
from ..adapt import Loader, RecursiveLoader
from ..pq import Format
from ..session import Session, session_of


class TextForm(Loader):
    """Decodes the server's text."""

    # Whether an error in an array shows the array's rest instead of the element.
    shows_rest = False
    # Whether equal texts give equal values that nobody can change, and no other loader
    # is needed for them. A subclass says it for itself, as what an application derives
    # may do anything.
    is_pure: ClassVar[bool] = False

    def __init__(self, oid: int, context: Any = None) -> None:
        super().__init__(oid, context)
        self._session: Session = session_of(context)
        self.decode = self.decoder()

    @abstractmethod
    def decoder(self) -> Callable[[str], Any]:
        """What makes a value of a text."""

    def usual_decoder(self) -> Callable[[str], Any]:
        """The same, and faster, for texts of the usual form; raises for all others."""
        return self.decode

    def load(self, data: Buffer) -> Any:
        session = self._session
        return self.decode(str(data, session.encoding, session.encoding_errors))


class BinaryForm(Loader):
    """Decodes the server's bytes."""

    format = Format.BINARY

    def __init__(self, oid: int, context: Any = None) -> None:
        super().__init__(oid, context)
        self._session: Session = session_of(context)
        self.decode = self.decoder()

    @abstractmethod
    def decoder(self) -> Callable[[bytes], Any]:
        """What makes a value of the bytes."""

    def load(self, data: Buffer) -> Any:
        return self.decode(bytes(data))


class RecursiveTextForm(TextForm, RecursiveLoader):
    """Decodes texts that hold texts of other types."""


class RecursiveBinaryForm(BinaryForm, RecursiveLoader):
    """Decodes bytes that hold bytes of other types."""
