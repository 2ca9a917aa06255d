"""Which channels a connection listens to, from the texts of its statements."""

from __future__ import annotations

import pytest
from launcher_folder import shared

channels = shared("channels")


@pytest.mark.parametrize(
    ("statements", "heard"),
    [
        (["LISTEN jobs"], {"jobs"}),
        (
            ["listen Jobs", 'LISTEN "Jobs"', 'listen "a ""b"""'],
            {"jobs", "Jobs", 'a "b"'},
        ),
        (["listen a; listen b", "UNLISTEN a"], {"b"}),
        (["listen a", "listen b", "unlisten *"], set()),
        (["listen a", "discard all", "listen é$1"], {"é$1"}),
        (["listen a", "unlisten b"], {"a"}),
        (["select 'nothing'"], set()),
    ],
)
def test_channels_follow_the_statements(statements: list[str], heard: set[str]) -> None:
    found = channels.NONE
    for each in statements:
        found = channels.channels_after(found, each)
    assert found == heard


def test_tags_say_whether_to_look() -> None:
    assert channels.changes_channels(["SELECT 1", "LISTEN"])
    assert not channels.changes_channels(["SELECT 1", None, "NOTIFY"])
