"""Pages of who runs the LRS: credentials, rejected requests, health."""

from __future__ import annotations

import platform
from importlib.metadata import version
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request

from lrs.auth.scopes import SCOPES
from lrs.clock import to_iso
from lrs.errors import BadRequest, LrsError, NotFound
from lrs.services import maintenance
from lrs.services.rejects import UNKNOWN
from lrs.web import context
from lrs.web.inbox import send_again
from lrs.web.pages import page, refused, see, signed_in
from lrs.web.readable import in_lines
from lrs.xapi.quirks import QUIRKS
from lrs.xapi.text import demand_json
from lrs.xapi.version import VERSIONS

resource = Blueprint("administration", __name__)
resource.register_error_handler(LrsError, refused)

_SHOWN = 100
"""Rejected requests of a page."""
_LIBRARIES = ("flask", "granian", "jsonschema-rs", "orjson", "pymongo")
_NOTHING_TO_DO = "The form does not say what to do."


@resource.get("/credentials")
@signed_in
def credentials() -> Response:
    """API credentials, revoked ones included, and what each needed tolerated."""
    return _credentials()


@resource.post("/credentials")
@signed_in
def change_credentials() -> Response:
    """Add, revoke or tolerate, as the pressed button says; a new secret is shown in the answer alone."""
    services, form = context.services(), request.form
    key, quirks = form.get("key", ""), form.getlist("quirk")
    done = True
    try:
        match form.get("do"):
            case "add":
                made = services.credentials.add(
                    home_page=services.config.public_url,
                    label=form.get("label", "").strip(),
                    scopes=form.getlist("scope"),
                    quirks=quirks,
                )
                return _credentials(made=made)
            case "revoke":
                done = services.credentials.revoke(key)
            case "tolerate":
                done = services.credentials.tolerate(key, quirks)
            case _:
                raise BadRequest(_NOTHING_TO_DO, allowed="one of its buttons")
    except ValueError as problem:
        raise BadRequest(str(problem), code="credential") from None
    if not done:
        raise NotFound("There is no such credential in force.")
    return see("/credentials")


@resource.get("/rejects")
@signed_in
def rejects() -> Response:
    """Requests that were refused, the latest first."""
    services = context.services()
    code, credential = request.args.get("code", ""), request.args.get("credential", "")
    start = request.args.get("start", "0")
    if not (start.isascii() and start.isdigit() and len(start) < 6):  # noqa: PLR2004 more than are ever kept
        raise BadRequest("The start parameter is not a count.", allowed="a whole number from 0")
    every = services.rejects.all()
    found = [
        (id, record)
        for id, record in reversed(list(every.items()))
        if code in ("", record["lastRefusal"]["code"]) and credential in ("", record["credential"])
    ]
    first = int(start)
    return page(
        "rejects.html",
        rows=found[first : first + _SHOWN],
        count=len(found),
        start=first,
        step=_SHOWN,
        codes=sorted({record["lastRefusal"]["code"] for record in every.values()}),
        labels={key: record["label"] for key, record in services.credentials.all().items()},
        senders=sorted({record["credential"] for record in every.values()}),
        code=code,
        credential=credential,
    )


@resource.get("/rejects/<id>")
@signed_in
def reject(id: str) -> Response:
    """One in full: the request's body is in it."""
    services = context.services()
    record = services.rejects.get(id)
    if record is None:
        raise NotFound(UNKNOWN)
    body = services.rejects.body(id)
    return page("reject.html", id=id, record=record, body=None if body is None else _text(body))


@resource.post("/rejects")
@signed_in
def change_rejects() -> Response:
    """Replay or remove those that were ticked, or all that the filters show; tell what became of each."""
    services, form = context.services(), request.form
    chosen = form.getlist("id")
    match form.get("do"):
        case "replay":
            app = current_app._get_current_object()  # type: ignore[attr-defined]  # werkzeug's own way to the app itself
            results = [(id, send_again(services, app, id)) for id in chosen]
            return page("replayed.html", results=results)
        case "remove":
            for id in chosen:
                services.rejects.remove(id)
            return see("/rejects")
        case _:
            raise BadRequest(_NOTHING_TO_DO, allowed="one of its buttons")


@resource.get("/system")
@signed_in
def system() -> Response:
    """Whether all is well, what there is, and which versions run."""
    services = context.services()
    statements = services.store.statements
    store = urlsplit(services.config.store_uri)
    counts = {
        "Statements": statements.count(),
        "Credentials": len(services.credentials.all()),
        "Accounts": len(services.accounts.all()),
        "Rejected requests": len(services.rejects.all()),
    }
    return page(
        "system.html",
        counts=counts,
        # What stands before the @ is a password.
        store=f"{store.scheme}://{store.netloc.rpartition('@')[2]}{store.path}",
        through=to_iso(statements.consistent_through()),
        index_is_todays=maintenance.has_todays_keys(services.store),
        endpoint=f"{services.config.public_url}/xapi/",
        spoken=", ".join(one.name for one in VERSIONS),
        versions={
            "LRS": version("lrs"),
            "Python": platform.python_version(),
            **{name: version(name) for name in _LIBRARIES},
        },
    )


def _credentials(*, made: tuple[str, str] | None = None) -> Response:
    services = context.services()
    used: dict[str, list[str]] = {}
    for quirk, key, count in services.quirks.counts():
        used.setdefault(key, []).append(f"{quirk} ({count:,})")
    return page(
        "credentials.html",
        credentials=services.credentials.all(),
        scopes=SCOPES,
        quirks=QUIRKS,
        used=used,
        made=made,
        endpoint=f"{services.config.public_url}/xapi/",
    )


def _text(body: bytes) -> str:
    """Return a body as text: JSON in lines, anything else as it came, bytes that are no text by their number."""
    text = body.decode(errors="backslashreplace")
    try:
        demand_json(body)
    except LrsError:
        return text
    return in_lines(text)
