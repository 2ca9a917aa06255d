"""Which positions of a statement's parameters may differ, and what of them may not.

A position is a JSON pointer (RFC 6901) into one set of parameters: ``/id``, ``/0``,
``/document/user/id``.  Arrays, ranges and documents are entered; what the pointer
names may differ as a whole, or in parts of its text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from .forms import JSON_TAGS, NESTED_TAGS, form, json_form
from .parameters import canonical, decode
from .text_parts import TextParts, text_parts

Places = Mapping[str, Any]
"""Pointers, each with a kind or with the pieces of a text."""

_Node = Any  # A kind, `TextParts`, or nodes by name.


class Pair(NamedTuple):
    """A recorded value and the live one that stands at its place, both decoded."""

    kind: str
    recorded: Any
    live: Any


class Mask:
    """Positions that may differ."""

    __slots__ = ("_nodes",)

    @staticmethod
    def of(places: Places) -> Mask:
        """The same one for equal places, so that masks can be told apart as they are."""
        return _mask(_compact(places))

    def __init__(self, places: Places) -> None:
        self._nodes: dict[str, _Node] = {}
        for pointer, what in places.items():
            nodes = self._nodes
            *names, last = map(_unescaped, pointer.split("/")[1:])
            for name in names:
                nodes = nodes.setdefault(name, {})
            is_kind = isinstance(what, str)
            nodes[last] = what if is_kind else text_parts(tuple(what))

    def __bool__(self) -> bool:
        return bool(self._nodes)

    def kind_of(self, name: Any) -> Any:
        """The kind of a top-level parameter that may differ as a whole, or None."""
        found = self._nodes.get(str(name))
        return found if isinstance(found, str) else None

    def of_parameter(self, name: Any) -> Mask | None:
        """What it covers of a top-level parameter, as a mask for that one by itself."""
        node = self._nodes.get(str(name))
        if node is None:
            return None
        mask = Mask({})
        mask._nodes["0"] = node
        return mask

    def covered(self, parameters: Any) -> Any:
        """One set of parameters with what may differ replaced by its form.

        None if a position does not exist in it, or holds nothing of its kind.
        """
        if not self._nodes:
            # As they are, be there any or not.
            return parameters
        if not isinstance(parameters, (dict, list)):
            return None
        covered: Any = parameters.copy()
        for name, node in self._nodes.items():
            try:
                key: Any = name if isinstance(parameters, dict) else int(name)
                found = _covered(node, parameters[key])
            except (KeyError, IndexError, ValueError):
                return None
            if found is None:
                return None
            covered[key] = found
        return covered

    def pairs(self, recorded: Any, live: Any) -> Iterator[Pair]:
        """What stands at the positions of two sets of parameters that it covers."""
        for name, node in self._nodes.items():
            key: Any = name if isinstance(recorded, dict) else int(name)
            yield from _pairs(node, recorded[key], live[key])


@lru_cache(maxsize=4096)
def _mask(places: str) -> Mask:
    return Mask(json.loads(places))


def _unescaped(name: str) -> str:
    return name.replace("~1", "/").replace("~0", "~")


def _covered(node: _Node, tagged: Any) -> Any:
    if isinstance(node, str):
        found = form(node, tagged)
        return None if found is None else {"volatile": found}
    if isinstance(tagged, dict) and "subclass" in tagged:
        return _covered(node, tagged["subclass"][1])
    if isinstance(node, TextParts):
        return _covered_text(node, tagged)
    if isinstance(tagged, dict):
        tag, content = next(iter(tagged.items()))
        if tag in JSON_TAGS:
            found = _covered_json(node, json.loads(content))
            return None if found is None else {f"volatile {tag}": _compact(found)}
    label, children = _children(tagged)
    covered = {name: canonical(each) for name, each in children.items()}
    for name, child in node.items():
        if name not in children:
            return None
        covered[name] = _covered(child, children[name])
        if covered[name] is None:
            return None
    return {f"volatile {label}": [[name, each] for name, each in covered.items()]}


def _covered_text(node: TextParts, value: Any) -> Any:
    forms = node.forms(value) if isinstance(value, str) else None
    return None if forms is None else {"volatile": forms}


def _covered_json(node: _Node, value: Any) -> Any:
    if isinstance(node, str):
        found = json_form(node, value)
        return None if found is None else {"volatile": found}
    if isinstance(node, TextParts):
        return _covered_text(node, value)
    if not isinstance(value, (dict, list)):
        return None
    covered: Any = value.copy()
    for name, child in node.items():
        try:
            key = name if isinstance(value, dict) else int(name)
            covered[key] = _covered_json(child, value[key])
        except (KeyError, IndexError, ValueError):
            return None
        if covered[key] is None:
            return None
    return covered


def _children(tagged: Any) -> tuple[str, dict[str, Any]]:
    """What a tagged value holds, by name, and what else is to be equal of it."""
    if isinstance(tagged, list):
        return "list", _numbered(tagged)
    if not isinstance(tagged, dict):
        return "", {}
    tag, content = next(iter(tagged.items()))
    if tag in ("tuple", "multirange"):
        return str(tag), _numbered(content)
    if tag == "range" and content != "empty":
        bounds, lower, upper = content
        return f"range {bounds}", {"lower": lower, "upper": upper}
    if tag == "dict":
        return "dict", {key: each for key, each in content if isinstance(key, str)}
    return "", {}


def _numbered(items: Sequence[Any]) -> dict[str, Any]:
    return {str(number): each for number, each in enumerate(items)}


def _pairs(node: _Node, recorded: Any, live: Any) -> Iterator[Pair]:
    if isinstance(node, str):
        for then, now in _leaves(recorded, live):
            yield Pair(node, then, now)
        return
    recorded, live = _base(recorded), _base(live)
    if isinstance(node, TextParts):
        yield from _text_pairs(node, recorded, live)
        return
    if isinstance(recorded, dict):
        tag, content = next(iter(recorded.items()))
        if tag in JSON_TAGS:
            yield from _json_pairs(node, json.loads(content), json.loads(live[tag]))
            return
    then, now = _children(recorded)[1], _children(live)[1]
    for name, child in node.items():
        yield from _pairs(child, then[name], now[name])


def _base(tagged: Any) -> Any:
    while isinstance(tagged, dict) and "subclass" in tagged:
        tagged = tagged["subclass"][1]
    return tagged


def _text_pairs(node: TextParts, recorded: str, live: str) -> Iterator[Pair]:
    yield Pair("text", recorded, live)
    then, now = node.parts(recorded), node.parts(live)
    yield from map(Pair, node.kinds, then or (), now or ())


def _json_pairs(node: _Node, recorded: Any, live: Any) -> Iterator[Pair]:
    if isinstance(node, str):
        for then, now in _json_leaves(recorded, live):
            yield Pair(node, then, now)
    elif isinstance(node, TextParts):
        yield from _text_pairs(node, recorded, live)
    else:
        for name, child in node.items():
            key = name if isinstance(recorded, dict) else int(name)
            yield from _json_pairs(child, recorded[key], live[key])


def _leaves(recorded: Any, live: Any) -> Iterator[tuple[Any, Any]]:
    """The values of two tagged parameters that stand at the same places."""
    recorded, live = _base(recorded), _base(live)
    if isinstance(recorded, list) and isinstance(live, list):
        for before, now in zip(recorded, live, strict=False):
            yield from _leaves(before, now)
    elif isinstance(recorded, dict) and isinstance(live, dict):
        tag = next(iter(recorded))
        if tag not in live:
            return
        if tag in JSON_TAGS:
            yield from _json_leaves(json.loads(recorded[tag]), json.loads(live[tag]))
        elif tag == "enum":
            yield from _leaves(recorded[tag][2], live[tag][2])
        elif tag in NESTED_TAGS:
            yield from _leaves(recorded[tag], live[tag])
        else:
            yield decode(recorded), decode(live)
    else:
        yield recorded, live


def _json_leaves(recorded: Any, live: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(recorded, list) and isinstance(live, list):
        for before, now in zip(recorded, live, strict=False):
            yield from _json_leaves(before, now)
    elif isinstance(recorded, dict) and isinstance(live, dict):
        then = [key for key in recorded if key not in live]
        here = [key for key in live if key not in recorded]
        common = [(key, key) for key in recorded if key in live]
        for before, now in (*common, *zip(then, here, strict=False)):
            yield before, now
            yield from _json_leaves(recorded[before], live[now])
    else:
        yield recorded, live


_compact = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True
).encode
