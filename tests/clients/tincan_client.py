"""PyPI tincan, called as `tincan_client.py ENDPOINT KEY SECRET`: prints what it saw as JSON.

It can neither send nor read attachments' data, and never reads an ETag.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tincan import (
    Activity,
    ActivityProfileDocument,
    Agent,
    AgentProfileDocument,
    RemoteLRS,
    StateDocument,
    Statement,
    StatementRef,
    Verb,
)
from tincan.http_request import HTTPRequest

SCENARIO = json.loads((Path(__file__).parent / "scenario.json").read_bytes())


def see(endpoint: str, key: str, secret: str) -> dict[str, Any]:
    lrs = RemoteLRS(version="1.0.3", endpoint=endpoint, username=key, password=secret)
    saw: dict[str, Any] = {"about": about(lrs)}
    saw |= see_statements(lrs)
    saw |= see_state(lrs)
    agent, activity = Agent(SCENARIO["agent"]), Activity(id=SCENARIO["activity"])
    query = {"profileId": "profile", "agent": agent.to_json("1.0.3")}
    document = AgentProfileDocument(id="profile", agent=agent)
    saw["agentProfile"] = see_profile(lrs, "agent", agent, document, query)
    query = {"profileId": "profile", "activityId": activity.id}
    document = ActivityProfileDocument(id="profile", activity=activity)
    saw["activityProfile"] = see_profile(lrs, "activity", activity, document, query)
    return saw


def about(lrs: RemoteLRS) -> str:
    """What becomes of a list of versions: it knows none above 1.0.3."""
    try:
        return str(lrs.about().content.version)
    except ValueError as problem:
        return str(problem)


def see_statements(lrs: RemoteLRS) -> dict[str, Any]:
    one, several = SCENARIO["one"], SCENARIO["several"]
    saw: dict[str, Any] = {}
    # It spells times and durations its own way before it sends them.
    saw["sent"] = json.loads(Statement(one).to_json("1.0.3"))
    saw["one"] = lrs.save_statement(Statement(one)).response.status
    saw["again"] = lrs.save_statement(Statement(one)).response.status
    saw["several"] = json.loads(lrs.save_statements([Statement(each) for each in several]).data)
    answer = lrs.retrieve_statement(one["id"])
    saw["byId"] = json.loads(answer.data)
    query = {
        "agent": Agent(SCENARIO["agent"]),
        "verb": Verb(several[0]["verb"]),
        "activity": Activity(id=SCENARIO["activity"]),
        "related_agents": True,
        "ascending": True,
        "limit": 2,
    }
    page = lrs.query_statements(query).content
    saw["pages"] = [[str(each.id) for each in page.statements]]
    while page.more:
        page = lrs.more_statements(page).content
        saw["pages"].append([str(each.id) for each in page.statements])
    voiding = Statement(
        actor=Agent(SCENARIO["agent"]),
        verb=Verb(id="http://adlnet.gov/expapi/verbs/voided"),
        object=StatementRef(id=several[0]["id"]),
    )
    lrs.save_statement(voiding)
    saw["afterVoiding"] = lrs.retrieve_statement(several[0]["id"]).response.status
    saw["voided"] = str(lrs.retrieve_voided_statement(several[0]["id"]).content.id)
    return saw


def see_state(lrs: RemoteLRS) -> dict[str, Any]:
    of = {"activity": Activity(id=SCENARIO["activity"]), "agent": Agent(SCENARIO["agent"])}
    saw: dict[str, Any] = {}
    state = StateDocument(
        id="état 1",
        content=bytearray(json.dumps(SCENARIO["state"]).encode()),
        content_type="application/json",
        **of,
    )
    saw["savedState"] = lrs.save_state(state).response.status
    saw["state"] = json.loads(lrs.retrieve_state(**of, state_id="état 1").data)
    # It sends a body as Latin-1 and reads it as UTF-8.
    sent = SCENARIO["text"].encode().decode("latin-1")
    text = StateDocument(id="text", content=sent, content_type="text/plain", **of)
    lrs.save_state(text)
    saw["text"] = lrs.retrieve_state(**of, state_id="text").data
    saw["stateIds"] = lrs.retrieve_state_ids(**of).content
    lrs.delete_state(state)
    saw["afterDeletion"] = lrs.retrieve_state(**of, state_id="état 1").response.status
    lrs.clear_state(**of)
    saw["stateIdsAfterDeletion"] = lrs.retrieve_state_ids(**of).content
    return saw


def see_profile(
    lrs: RemoteLRS, kind: str, owner: Any, document: Any, query: dict[str, str]
) -> dict[str, Any]:
    save = getattr(lrs, f"save_{kind}_profile")
    retrieve = getattr(lrs, f"retrieve_{kind}_profile")
    resource = {"agent": "agents/profile", "activity": "activities/profile"}[kind]
    document.content_type = "application/json"
    document.content = bytearray(json.dumps(SCENARIO["profile"]).encode())
    saw: dict[str, Any] = {"unguarded": save(document).response.status}
    # It sends no If-None-Match by itself, and without one a new profile is refused under 1.0.3.
    guarded = HTTPRequest(method="PUT", resource=resource, content=document.content)
    guarded.headers |= {"Content-Type": "application/json", "If-None-Match": "*"}
    guarded.query_params = query
    saw["created"] = lrs._send_request(guarded).response.status
    first = retrieve(owner, "profile")
    saw["kept"] = json.loads(first.data)
    saw["ids"] = getattr(lrs, f"retrieve_{kind}_profile_ids")(owner).content
    document.content = bytearray(json.dumps(SCENARIO["changedProfile"]).encode())
    document.etag = first.response.getheader("ETag")
    saw["changed"] = save(document).response.status
    saw["changedByOldETag"] = save(document).response.status
    now = retrieve(owner, "profile")
    saw["now"] = json.loads(now.data)
    document.etag = now.response.getheader("ETag")
    getattr(lrs, f"delete_{kind}_profile")(document)
    saw["afterDeletion"] = retrieve(owner, "profile").response.status
    return saw


if __name__ == "__main__":
    print(json.dumps(see(*sys.argv[1:])))
