"""An LMS over each store, opened as often as a test wants, and AUs that speak to it."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lrs.assembly import Services, build_services
from lrs.auth.principal import Principal
from lrs.cmi5 import terms
from lrs.cmi5.access import DocumentRequest
from lrs.cmi5.launching import Options
from lrs.config import Config
from lrs.services.statements import Batch, Sender
from lrs.xapi import JsonObject
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS
from tests.cmi5.build import LEARNER, course, package, says
from tests.stores.conftest import WIRE_URI, Backend, empty_backend


@dataclass
class Au:
    """A session, and what its AU says."""

    services: Services
    registration: str
    session: str
    url: str
    principal: Principal | None = None

    @property
    def held(self) -> tuple[JsonObject, JsonObject]:
        return self.services.cmi5.sessions.get(self.session)

    @property
    def fetch_key(self) -> str:
        return self.url.partition("fetch=")[2].partition("&")[0].rpartition("%2F")[2]

    def fetch(self) -> JsonObject:
        return self.services.cmi5.access.fetch(self.fetch_key)

    def authenticated(self, token: str) -> Principal | None:
        user, _, password = base64.b64decode(token).decode().partition(":")
        return self.services.cmi5.access.principal(user, password)

    def start(self) -> Au:
        """Fetch the token, read the preferences, send initialized."""
        self.principal = self.authenticated(self.fetch()["auth-token"])
        self.read(terms.PREFERENCES, "agents/profile")
        self.say(terms.INITIALIZED)
        return self

    def read(self, document: str, resource: str = "activities/state") -> None:
        self.services.cmi5.access.admit(self.session, asked(resource, document_id=document))

    def says(self, verb: str, **changes: Any) -> JsonObject:
        registration, session = self.held
        return says(verb, session, registration, **changes)

    def say(self, verb: str, **changes: Any) -> JsonObject:
        statement = self.says(verb, **changes)
        self.send(statement)
        return statement

    def send(self, *statements: JsonObject) -> None:
        assert self.principal is not None
        body = statements[0] if len(statements) == 1 else list(statements)
        batch = Batch(Parsed(body, body))
        sender = Sender(self.principal.authority, may_void=False, session=self.session)
        self.services.statements.store(batch, version=VERSIONS[0], sender=sender)


def asked(resource: str, **parts: Any) -> DocumentRequest:
    empty = {
        "method": "GET",
        "activity": "",
        "agent": None,
        "registration": "",
        "document_id": "",
        "content_type": "",
        "body": b"",
    }
    return DocumentRequest(resource=resource, **{**empty, **parts})


@dataclass
class Lms:
    """One store; `services` is one process at it, `open` gives another."""

    backend: Backend
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    opened: list[Services] = field(default_factory=list)

    def open(self, **settings: Any) -> Services:
        config = Config(data=self.folder, store=self.backend.uri, **settings)
        self.opened.append(build_services(config))
        return self.opened[-1]

    @property
    def services(self) -> Services:
        return self.opened[0] if self.opened else self.open()

    def course(self, *children: str) -> str:
        """Import a course and return its id."""
        record = self.services.cmi5.courses.add(package(course(*children)))
        return str(record["id"])

    def enrol(self, course_id: str, actor: JsonObject = LEARNER) -> str:
        return str(self.services.cmi5.registrations.enrol(course_id, actor)["id"])

    def launch(
        self,
        registration: str,
        au: str = "0",
        services: Services | None = None,
        mode: str | None = None,
        **overrides: Any,
    ) -> Au:
        used = services or self.services
        launched = used.cmi5.launching.launch(
            registration, au, Options(launch_mode=mode, overrides=overrides)
        )
        return Au(used, registration, launched.session, launched.url)

    def said(self, registration: str) -> list[JsonObject]:
        """Return the statements of a registration, the oldest first."""
        return list(self.services.cmi5.sessions.statements_of(registration))[::-1]

    def verbs(self, registration: str) -> list[str]:
        return [terms.verb_name(one["verb"]["id"]) for one in self.said(registration)]


@pytest.fixture(params=("sqlite", "wire") if WIRE_URI else ("sqlite",))
def lms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lms]:
    with empty_backend(request.param) as backend:
        lms = Lms(backend, tmp_path)
        yield lms
        for services in lms.opened:
            services.close()


def at_once(*actions: Any) -> list[Any]:
    """Return what the actions return, or raise, when they are started at the same moment."""
    gate = threading.Barrier(len(actions))

    def run(action: Any) -> Any:
        gate.wait()
        try:
            return action()
        except Exception as problem:
            return problem

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))
