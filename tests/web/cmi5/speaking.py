"""Who speaks cmi5 over HTTP: an AU, and a client of the REST."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient

from lrs.assembly import Services
from lrs.cmi5 import terms
from tests.cmi5.build import LEARNER, course, package, says
from tests.conftest import Client

V1 = "/cmi5/v1"


PLAYER = "/cmi5/player/api/v1"


ORIGIN = "https://content.example.org"


@dataclass
class AuClient:
    """An AU that speaks HTTP."""

    web: FlaskClient
    services: Services
    launch: dict[str, Any]
    token: str = ""

    @property
    def values(self) -> dict[str, str]:
        query = urlsplit(self.launch["url"]).query
        return {name: held[0] for name, held in parse_qs(query).items()}

    def fetch(self) -> Any:
        answer = self.web.post(urlsplit(self.values["fetch"]).path)
        self.token = answer.json.get("auth-token", self.token)
        return answer

    def send(self, method: str, path: str, **options: Any) -> Any:
        sent = {
            "Authorization": f"Basic {self.token}",
            "X-Experience-API-Version": "1.0.3",
            "Origin": ORIGIN,
            **options.pop("headers", {}),
        }
        return self.web.open(f"/cmi5/lrs/{path}", method=method, headers=sent, **options)

    def document(self, method: str, path: str, **options: Any) -> Any:
        values = self.values
        query = {"agent": values["actor"], **options.pop("query", {})}
        if path == "activities/state":
            query = {
                "activityId": values["activityId"],
                "registration": values["registration"],
                **query,
            }
        return self.send(method, path, query_string=query, **options)

    def preferences(self, method: str = "GET", **options: Any) -> Any:
        return self.document(
            method, "agents/profile", query={"profileId": terms.PREFERENCES}, **options
        )

    def launch_data(self, method: str = "GET", **options: Any) -> Any:
        return self.document(
            method, "activities/state", query={"stateId": terms.LAUNCH_DATA}, **options
        )

    def say(self, verb: str, **changes: Any) -> Any:
        registration, session = self.services.cmi5.sessions.get(self.launch["session"])
        return self.send("POST", "statements", json=says(verb, session, registration, **changes))


def launched(client: Client, services: Services, *children: str) -> AuClient:
    made = post(client, f"{V1}/courses", data=package(course(*children))).json
    enrolled = post(
        client, f"{V1}/registrations", json={"course": made["id"], "actor": LEARNER}
    ).json
    url = f"{V1}/registrations/{enrolled['id']}/launches"
    return AuClient(client.web, services, post(client, url, json={"au": 0}).json)


def post(client: Client, url: str, **options: Any) -> Any:
    return client.web.post(url, headers=client.headers, **options)


def get(client: Client, url: str, **params: str) -> Any:
    return client.web.get(url, headers=client.headers, query_string=params)
