"""Ledgers: a page for each, to read and to write in."""

from __future__ import annotations

from flask import Blueprint, Response, request

from lrs.analytics.audience import Audience
from lrs.analytics.catalog import catalog, report_named
from lrs.analytics.ledgers.ledger import Ledger
from lrs.analytics.ledgers.ledgers import ledger_named
from lrs.auth.scopes import NAMES, RECORD
from lrs.errors import BadRequest, Forbidden, LrsError
from lrs.web import context
from lrs.web.audiences import audience
from lrs.web.pages import face, page, refused, see, signed_in
from lrs.xapi import JsonObject
from lrs.xapi.text import write_json

resource = Blueprint("ledgers", __name__)
resource.register_error_handler(LrsError, refused)

_OFFERED = 500
"""Courses, and modules, that a form offers."""


@resource.get("/ledgers")
@signed_in
def all_ledgers() -> Response:
    """The ledgers there are."""
    who = audience()
    ledgers = context.services().concerning.ledgers(who)
    still = {
        one.name: sum(not record["closed"] for record in _entries(one, who).values())
        for one in ledgers
    }
    return page("ledgers.html", ledgers=ledgers, open=still)


@resource.get("/ledgers/<name>")
@signed_in
def entries(name: str) -> Response:
    """The entries of one, the latest first, and a form for another; `.json` for programs."""
    if name.endswith(".json"):
        ledger = ledger_named(name.removesuffix(".json"))
        found = _entries(ledger, audience())
        listed = [{"id": entry, **record} for entry, record in found.items()]
        return face(write_json({"entries": listed}), "application/json")
    return _page(ledger_named(name), {}, None)


@resource.post("/ledgers/<name>")
@signed_in
def write(name: str) -> Response:
    """Write an entry or close one, as the pressed button says."""
    context.principal().demand(RECORD)
    ledger, form = ledger_named(name), request.form
    if not ledger.by_hand:
        raise Forbidden("This ledger is written by the LRS itself.", code="ledger")
    ledgers = context.services().ledgers
    match form.get("do"):
        case "add":
            given = {field.name: form.get(field.name, "") for field in ledger.fields}
            _check_persons(ledger, given)
            try:
                ledgers.add(name, given, by=context.principal().name)
            except BadRequest as problem:
                return _page(ledger, given, problem)
        case "close":
            ledgers.close(name, form.get("entry", ""), note=form.get("note", "").strip())
        case _:
            raise BadRequest("The form does not say what to do.", allowed="one of its buttons")
    return see(f"/ledgers/{name}")


def _may_name() -> bool:
    return context.principal().may(NAMES)


def _check_persons(ledger: Ledger, given: dict[str, str]) -> None:
    """Raises: Forbidden (403) if somebody without names names a person: the entry would show the pseudonym of that."""
    named = [name for name in ledger.about_whom if given[name].strip() or ledger.needs_person]
    if named and not _may_name():
        raise Forbidden(
            f"Who may not see names cannot write whom an entry is about ({', '.join(named)}).",
            code="names",
            allowed="an entry about nobody in particular"
            if not ledger.needs_person
            else "asking somebody who may see names",
        )


def _page(ledger: Ledger, given: dict[str, str], problem: LrsError | None) -> Response:
    who = audience()
    return page(
        "ledger.html",
        status=400 if problem else 200,
        ledger=ledger,
        entries=_entries(ledger, who),
        writes=ledger.by_hand and context.principal().may(RECORD),
        adds=_may_name() or not ledger.needs_person,
        asked_for=[one for one in ledger.fields if one.kind != "agent" or _may_name()],
        reports=list(catalog()),
        shown=[one for one in map(report_named, ledger.reports) if who.may_ask(one)],
        offered=_offered() if any(field.kind == "activity" for field in ledger.fields) else {},
        given=given,
        problem=problem,
    )


def _entries(ledger: Ledger, who: Audience) -> dict[str, JsonObject]:
    """Return the entries that concern the one who asks. Raises: Forbidden (403) if such a ledger never does."""
    services = context.services()
    if not services.concerning.is_open(ledger, who):
        raise Forbidden("This ledger is about more than you may see.", allowed="your own data")
    return services.concerning.entries(ledger, services.ledgers.all(ledger.name), who)


def _offered() -> dict[str, str]:
    """Return the ids of the courses and modules of the course file, with what they are called, for a form to offer."""
    rows = context.services().references.rows
    found = {row["course_id"]: row["title"] for row in rows("courses")[:_OFFERED]}
    return found | {row["module_id"]: "" for row in rows("modules")[:_OFFERED]}
