"""The value of a range: two bounds, each with or without itself; or nothing."""

from __future__ import annotations

from operator import eq
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_BOUNDS = ("[)", "(]", "()", "[]")
_STATE = ("_lower", "_upper", "_bounds")


class Range(Generic[T]):
    """A range; a missing bound is infinite. Immutable, ordered as the server orders."""

    __module__ = "psycopg.types.range"

    __slots__ = ("_bounds", "_lower", "_upper")

    _lower: T | None
    _upper: T | None
    _bounds: str

    def __init__(
        self,
        lower: T | None = None,
        upper: T | None = None,
        bounds: str = "[)",
        empty: bool = False,
    ) -> None:
        if empty:
            self._lower = self._upper = None
            # What SQLAlchemy reads too: an empty range has no flags.
            self._bounds = ""
            return
        if bounds not in _BOUNDS:
            raise ValueError(f"bound flags not valid: {bounds!r}")
        self._lower = lower
        self._upper = upper
        # An infinite bound is never included.
        opening = "(" if lower is None else bounds[0]
        closing = ")" if upper is None else bounds[1]
        self._bounds = opening + closing

    def __repr__(self) -> str:
        name = type(self).__name__
        if not self._bounds:
            return f"{name}(empty=True)"
        return f"{name}({self._lower!r}, {self._upper!r}, {self._bounds!r})"

    def __str__(self) -> str:
        if not self._bounds:
            return "empty"
        return f"{self._bounds[0]}{self._lower}, {self._upper}{self._bounds[1]}"

    @property
    def lower(self) -> T | None:
        return self._lower

    @property
    def upper(self) -> T | None:
        return self._upper

    @property
    def bounds(self) -> str:
        """The flags: ``[`` and ``]`` include, ``(`` and ``)`` do not; ``''`` if empty."""
        return self._bounds

    @property
    def isempty(self) -> bool:
        return not self._bounds

    @property
    def lower_inf(self) -> bool:
        return bool(self._bounds) and self._lower is None

    @property
    def upper_inf(self) -> bool:
        return bool(self._bounds) and self._upper is None

    @property
    def lower_inc(self) -> bool:
        return self._bounds[:1] == "["

    @property
    def upper_inc(self) -> bool:
        return self._bounds[1:] == "]"

    def __contains__(self, x: Any) -> bool:
        if not self._bounds:
            return False
        lower: Any = self._lower
        upper: Any = self._upper
        above = lower is None or (lower <= x if self.lower_inc else lower < x)
        return bool(above) and (
            upper is None or bool(x <= upper if self.upper_inc else x < upper)
        )

    def __bool__(self) -> bool:
        return bool(self._bounds)

    @property
    def _key(self) -> tuple[Any, Any, str]:
        """What ranges are compared by, in this order."""
        return self._lower, self._upper, self._bounds

    def __eq__(self, other: object) -> bool:
        # Not the tuples: a NaN is equal to itself there.
        return isinstance(other, Range) and all(map(eq, self._key, other._key))

    def __hash__(self) -> int:
        return hash(self._key)

    # A missing bound comes first, and hence an empty range before all.
    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, Range):
            return NotImplemented
        for mine, yours in zip(self._key, other._key, strict=True):
            if mine != yours:
                return yours is not None and (mine is None or bool(mine < yours))
        return False

    def __le__(self, other: Any) -> bool:
        return bool(self == other) or self < other

    def __gt__(self, other: Any) -> bool:
        return other < self if isinstance(other, Range) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        return bool(self == other) or self > other

    def __getstate__(self) -> dict[str, Any]:
        return dict(zip(_STATE, self._key, strict=True))

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._lower, self._upper, self._bounds = map(state.__getitem__, _STATE)
