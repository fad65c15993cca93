"""What holds for every statement of the standard on its way in and out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.xapi import JsonObject
from lrs.xapi.version import VERSIONS, Version
from tests import generate
from tests.build import new_id
from tests.conftest import Client, headers

STATEMENTS = {version: generate.statements(version) for version in VERSIONS}
SET_BY_LRS = ("stored", "authority")
ADDED_BY_LRS = ("id", "version", "timestamp")


@pytest.mark.parametrize("version", VERSIONS, ids=[version.name for version in VERSIONS])
@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_statement_comes_back_as_it_went_in_and_may_be_sent_again(
    client: Client, data: st.DataObject, version: Version
) -> None:
    sent = data.draw(STATEMENTS[version])
    if "id" in sent:
        sent["id"] = new_id()  # hypothesis likes to draw the same few over and over
    client.headers = headers(version=version.name)
    posted = client.post(sent)
    assert posted.status_code == 200, posted.json
    [statement_id] = posted.json
    first = client.get(statementId=statement_id, format="exact")
    assert first.status_code == 200
    kept = json.loads(first.data)
    assert kept["id"] == statement_id == sent.get("id", statement_id)
    assert without_additions(kept, sent) == without_additions(sent, sent)

    again = client.post({**sent, "id": statement_id})
    assert (again.status_code, again.json) == (200, [statement_id])
    assert client.get(statementId=statement_id, format="exact").data == first.data


def without_additions(statement: JsonObject, sent: JsonObject) -> JsonObject:
    """Return the statement without what the LRS set, or added to the one that was sent."""
    ours = {*SET_BY_LRS, *(name for name in ADDED_BY_LRS if name not in sent)}
    return with_arrays({name: part for name, part in statement.items() if name not in ours})


def with_arrays(part: JsonObject) -> JsonObject:
    """Return the statement or SubStatement with an array around each single context activity."""
    context: Any = part.get("context", {})
    if "contextActivities" in context:
        arrays = {
            kind: held if isinstance(held, list) else [held]
            for kind, held in context["contextActivities"].items()
        }
        part = {**part, "context": {**context, "contextActivities": arrays}}
    if part["object"].get("objectType") == "SubStatement":
        part = {**part, "object": with_arrays(part["object"])}
    return part
