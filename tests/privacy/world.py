"""An LRS in which a learner, Zarathustra, has left traces everywhere; and others have, too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from lrs.app import create_app
from lrs.assembly import Services, build_services
from lrs.cmi5.launching import Options
from lrs.config import Config
from lrs.services.statements import Batch, Sender
from lrs.xapi import JsonObject
from lrs.xapi.attachments import Part
from lrs.xapi.document import Document, DocumentKey, Scope
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS
from tests.build import AUTHORITY, activity, agent, new_id, voiding
from tests.cmi5.build import course, package
from tests.command import Command
from tests.conftest import Client, headers

NAME = "zarathustra"
MAIL = f"{NAME}@example.org"
HOME = "https://work.example.org"
EVENTS = "https://academy.example.org"
BY_MAIL: JsonObject = {"objectType": "Agent", "name": NAME.title(), "mbox": f"mailto:{MAIL}"}
BY_DIGEST: JsonObject = {"mbox_sha1sum": hashlib.sha1(f"mailto:{MAIL}".encode()).hexdigest()}  # noqa: S324 the spec's
BY_ACCOUNT: JsonObject = {
    "objectType": "Agent",
    "account": {"homePage": HOME, "name": f"{NAME}-7"},
}
BY_EVENTS: JsonObject = {"account": {"homePage": EVENTS, "name": f"{NAME}-u"}}
AS_VISITOR: JsonObject = {"account": {"homePage": f"{EVENTS}/anon", "name": f"{NAME}-v"}}
PEOPLE = f"""person,identifiers,name,department,manager
Z1,{MAIL};{HOME}|{NAME}-7;{EVENTS}|{NAME}-u,{NAME.title()},caves,
B1,berta@example.org,Berta,caves,
"""
OUTCOMES = f"""person,measure,value,date
{MAIL},sales,1,2026-01-01
B1,sales,2,2026-01-01
"""
SENDER = Sender(AUTHORITY, may_void=True)
OWN, SHARED = b"bread and milk", b"a certificate for everybody"


@dataclass
class World:
    """The data folder, and the store if it is not in it."""

    folder: Path
    uri: str
    opened: list[Services] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    """The ids of what Zarathustra did."""
    others: list[str] = field(default_factory=list)
    naming: list[str] = field(default_factory=list)
    """The ids of what others did, and that names Zarathustra."""

    @property
    def config(self) -> Config:
        return Config(data=self.folder / "data", store=self.uri, events_base=EVENTS)

    @property
    def services(self) -> Services:
        if not self.opened:
            self.opened.append(build_services(self.config))
        return self.opened[-1]

    @property
    def settings(self) -> dict[str, str]:
        return {"LRS_STORE": self.uri, "LRS_EVENTS_BASE": EVENTS}

    def close(self) -> None:
        for one in self.opened:
            one.close()
        self.opened.clear()

    def lrs(self, *arguments: str) -> Any:
        """Run a command."""
        return Command(self.folder).run(*arguments, **self.settings)

    def put(self, *statements: JsonObject, parts: tuple[bytes, ...] = ()) -> list[str]:
        batch = list(statements)
        held = {digest(data): Part(digest(data), data) for data in parts}
        self.services.statements.store(
            Batch(Parsed(batch, batch), held), version=VERSIONS[0], sender=SENDER
        )
        return [one["id"] for one in statements]

    def holding(self, needle: bytes) -> list[str]:
        """Return the files of the data folder that hold some bytes."""
        files = [path for path in (self.folder / "data").rglob("*") if path.is_file()]
        return [path.name for path in files if needle in path.read_bytes().lower()]

    def texts(self) -> bytes:
        """Return all statements, and all that a database holds."""
        entries = self.services.store.statements.scan(after=0, limit=1_000)
        found = b"".join(entry.text for entry in entries)
        if self.uri:
            with MongoClient[Any](self.uri) as client:
                database = client.get_default_database()
                for name in database.list_collection_names():
                    found += str(list(database[name].find())).encode()
        return found.lower()

    def fill(self) -> None:
        """Let Zarathustra, Berta and Carla leave traces everywhere."""
        self._fill_statements()
        self._fill_files()
        self._fill_inbox()
        services = self.services
        for resource in ("state", "agent-profile"):
            scope = Scope(
                resource=resource,  # type: ignore[arg-type]
                activity="http://example.org/a" if resource == "state" else "",
                agent=f"mbox|mailto:{MAIL}",
            )
            kept = Document(NAME.encode(), "text/plain")
            assert services.store.documents.swap(DocumentKey(scope, "id"), None, kept)
        record = services.cmi5.courses.add(package(course()))
        registration = services.cmi5.registrations.enrol(record["id"], BY_ACCOUNT)
        services.cmi5.launching.launch(registration["id"], "0", Options())
        services.accounts.add("z", role="learner", password="a long password", agent=BY_MAIL)
        services.reports.answer("people-match", {})
        services.reports.answer("engagement-funnel", {})

    def _fill_statements(self) -> None:
        mine = [
            made(BY_MAIL, attachments=[described(OWN), described(SHARED)]),
            made(BY_MAIL, result={"response": f"Thus spoke {NAME}."}),
            made(BY_DIGEST),
            made(BY_ACCOUNT),
            made(BY_EVENTS),
            made(AS_VISITOR),
            made({"objectType": "Group", "member": [BY_MAIL, BY_ACCOUNT]}),
        ]
        berta = [
            made(agent("berta"), attachments=[described(SHARED)]),
            made(agent("berta"), object={"objectType": "StatementRef", "id": mine[1]["id"]}),
            made(agent("berta")),
        ]
        naming = [
            made({"objectType": "Group", "member": [BY_MAIL, agent("carla")]}),
            made(agent("carla"), context={"instructor": BY_MAIL}),
        ]
        mine.append(voiding(berta[2]["id"], actor=BY_MAIL))
        self.theirs = self.put(*mine, parts=(OWN, SHARED))
        self.others = self.put(*berta, parts=(SHARED,))
        self.others += self.put(voiding(mine[3]["id"], actor=agent("berta")))
        self.naming = self.put(*naming)

    def _fill_files(self) -> None:
        services = self.services
        services.references.import_people(PEOPLE.splitlines(keepends=True))
        services.references.import_outcomes(OUTCOMES.splitlines(keepends=True))
        services.ledgers.add("request", {"person": MAIL})
        services.ledgers.add("request", {"person": "berta@example.org"})
        services.ledgers.add("subscription", {"report": "completion", "recipient": MAIL})
        services.persons.link(f"{NAME}-v", f"{NAME}-u")
        services.persons.link("berta-v", "berta-u")

    def _fill_inbox(self) -> None:
        client = self.client()
        for who in (BY_MAIL, agent("berta")):
            assert client.post({**made(who), "verb": 1}).status_code == 400

    def client(self) -> Client:
        if self.services.credentials.all() == {}:
            self.services.credentials.add(
                home_page="http://lrs.example.org",
                key="key",
                secret="secret",
            )
        return Client(create_app(self.services).test_client(), headers())


def made(actor: JsonObject, **changes: Any) -> JsonObject:
    return {
        "id": new_id(),
        "actor": actor,
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": activity("http://example.org/activity"),
        "timestamp": "2026-01-31T12:00:00Z",
        **changes,
    }


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def described(data: bytes) -> JsonObject:
    return {
        "usageType": "http://example.org/usage",
        "display": {"en": "data"},
        "contentType": "text/plain",
        "length": len(data),
        "sha2": digest(data),
    }
