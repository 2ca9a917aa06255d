"""What is compared of a statement, as text: all of it, or what may differ by its form.

The order of sets is never, that of lists and rows not where a cover leaves it free.

Knows nothing of which exchange answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .binding import Bindings
from .exchange import Exchange, parameter_sets
from .forms import form
from .free_order import FreeOrder
from .mask import Mask
from .parameters import canonical


class Covered(NamedTuple):
    """The texts of a statement's sets of parameters, and a key of all that is compared.

    Equal keys differ in the order of their sets at most.
    """

    key: str
    sets: Sequence[str]


class Cover(NamedTuple):
    """Which positions are compared by their form.

    `kinds` are of the volatile parts of the SQL text; those that are to be equal
    have None.  `free` is what has no order.
    """

    mask: Mask
    kinds: tuple[str | None, ...]
    free: FreeOrder | None = None

    @classmethod
    def of(cls, exchange: Exchange, *, suspected: bool = False) -> Cover:
        """What may differ of an exchange, with or without what is only suspected."""
        volatile = exchange.volatile
        if volatile is None:
            return NOTHING
        kinds = () if volatile.sql is None else volatile.sql.kinds
        if suspected:
            return cls(volatile.mask, kinds)
        certain = zip(kinds, volatile.certain_parts, strict=True)
        return cls(
            volatile.certain,
            tuple(kind if is_certain else None for kind, is_certain in certain),
        )

    def covers_anything(self) -> bool:
        return bool(self.mask) or any(self.kinds)

    def covered(
        self, operation: str, parameters: Any, parts: Sequence[str]
    ) -> Covered | None:
        """What is compared of a statement; None if it has not the positions."""
        texts = []
        for each in parameter_sets(operation, parameters):
            covered = self.mask.covered(each)
            if covered is None and each is not None:
                return None
            if self.free is not None:
                covered = self.free.arranged(covered)
            texts.append(canonical(covered))
        key = texts[0] if len(texts) == 1 else "\n".join(sorted(texts))
        for number, part in enumerate(parts):
            kind = self.kinds[number] if self.kinds else None
            found = part if kind is None else form(kind, part)
            if found is None:
                return None
            # A JSON text has no line feed, but a part may have one.
            key += f"\n{len(found)} {found}"
        return Covered(key, texts)

    def of_exchange(self, exchange: Exchange, bindings: Bindings) -> Covered | None:
        """What is compared of a recorded exchange."""
        many = exchange.operation == "executemany"
        parameters = bindings.to_firsts(exchange.parameters, many=many)
        parts = () if exchange.volatile is None else exchange.volatile.parts
        return self.covered(exchange.operation, parameters, parts)


NOTHING = Cover(Mask.of({}), ())
"""All is compared."""
