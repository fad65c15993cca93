"""An AU is kept to its own documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lrs.cmi5 import terms
from lrs.cmi5.violations import Violation
from tests.cmi5.conftest import Lms, asked

PREFERENCES = {"languagePreference": "en", "audioPreference": "on"}


STATE, PROFILE = "activities/state", "agents/profile"


FOREIGN = {"account": {"homePage": "https://example.org", "name": "eve"}}


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("8.1.3.0-3", STATE, {"agent": FOREIGN}),
    ("8.1.3.0-3", "agents", {"agent": FOREIGN}),
    ("11.0.0.0-1", PROFILE, {"agent": {"mbox": "mailto:a@example.org"}}),
    ("8.1.4.0-3", STATE, {"registration": "1a0b3c4d-0000-4000-8000-000000000001"}),
    ("10.2.1.0-5", STATE, {"method": "PUT", "document_id": terms.LAUNCH_DATA}),
    ("10.2.1.0-5", STATE, {"method": "POST", "document_id": terms.LAUNCH_DATA}),
    ("10.2.1.0-5", STATE, {"method": "DELETE", "document_id": terms.LAUNCH_DATA}),
    ("10.2.1.0-5", STATE, {"method": "DELETE"}),
    ("11.0.0.0-5", PROFILE, {"body": b"{", "content_type": "application/json"}),
    (
        "11.0.0.0-5",
        PROFILE,
        {"body": json.dumps(PREFERENCES).encode(), "content_type": "text/plain"},
    ),
    ("11.1.0.0-1", PROFILE, {"body": b'{"languagePreference": "", "audioPreference": "on"}'}),
]


@pytest.mark.parametrize(("requirement", "resource", "parts"), REFUSED)
def test_an_au_is_kept_to_its_own_documents(
    tmp_path: Any, requirement: str, resource: str, parts: dict[str, Any], lms: Lms
) -> None:
    one = lms.launch(lms.enrol(lms.course()))
    if "body" in parts:
        parts = {
            "method": "PUT",
            "document_id": terms.PREFERENCES,
            "content_type": "application/json; charset=utf-8",
            **parts,
        }
    with pytest.raises(Violation) as refused:
        one.services.cmi5.access.admit(one.session, asked(resource, **parts))
    assert refused.value.requirement == requirement
