"""What a ledger takes, and what it refuses."""

from __future__ import annotations

import pytest

from lrs.errors import BadRequest
from tests.analytics.places import Place

MODULE = "http://example.org/module"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"place": MODULE}, "what cannot be used"),
        ({"place": "no id", "what": "x"}, "place cannot be used"),
        ({"place": MODULE, "what": "x", "day": "soon"}, "day cannot be used"),
        ({"place": MODULE, "what": "x", "kind": "magic"}, "kind cannot be used"),
        ({"place": MODULE, "what": "x", "days": "3"}, "days cannot be used"),
        ({"place": MODULE, "what": "x", "colour": "red"}, "has no colour"),
    ],
)
def test_what_cannot_be_written_is_told(place: Place, values: dict[str, str], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        place.ledgers.add("change", values)
