"""What an AU speaks to: the fetch URL, and the LRS under its session's token. Spec: cmi5 8.2."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Flask, Response, request

from lrs.cmi5.access import FAILED, DocumentRequest
from lrs.errors import NotFound, StoreUnavailable, Unauthorized
from lrs.web import context
from lrs.web.body import read_body
from lrs.web.negotiate import VERSION_HEADER
from lrs.web.params import (
    ActivityParams,
    ActivityProfileParams,
    AgentParams,
    AgentProfileParams,
    StateParams,
    read_params,
)
from lrs.xapi.text import write_json
from lrs.xapi.version import version_of

ENDPOINT = "/cmi5/lrs"
"""Given out without a closing slash: AUs append "/statements"."""

resource = Blueprint("cmi5-au", __name__)

_REFUSED = 400
_PARAMS = {
    "activities/state": StateParams,
    "activities/profile": ActivityProfileParams,
    "activities": ActivityParams,
    "agents/profile": AgentProfileParams,
    "agents": AgentParams,
}
_WITHOUT_DOCUMENTS = ("statements", "about")


@resource.post("/cmi5/fetch/<key>")
def fetch(key: str) -> Response:
    """Answer with 200 and JSON whatever happens. Spec: cmi5 8.2.1, 8.2.3."""
    try:
        answer = context.services().cmi5.access.fetch(key)
    except StoreUnavailable as away:
        answer = {"error-code": FAILED, "error-text": away.message}
    response = Response(write_json(answer), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def install(app: Flask) -> None:
    """Let only AUs with a token of a session that goes on use the endpoint, and log what they are refused."""

    @app.before_request
    def admit() -> None:
        if not _is_for_au() or request.method == "OPTIONS":
            return
        token = request.authorization
        principal = None
        if token is not None and token.type == "basic":
            principal = context.services().cmi5.access.principal(
                token.username or "", token.password or ""
            )
        if principal is None:
            raise Unauthorized(
                "The request carries no token of a session that goes on.",
                allowed="HTTP Basic authentication with the auth-token of the fetch URL",
                section="cmi5 8.2.1",
            )
        context.set_principal(principal)
        context.set_version(version_of(request.headers.get(VERSION_HEADER)))
        if request.url_rule is None:
            return  # There is no such resource, or not with this method: refused next.
        # By what will answer, not by how the path is spelt: closing slashes are let pass.
        path = request.url_rule.rule.removeprefix(f"{ENDPOINT}/")
        if path in _PARAMS:
            _admit_document(path, principal.session)
        elif path not in _WITHOUT_DOCUMENTS:
            raise NotFound("AUs have no such resource.")

    @app.after_request
    def log(response: Response) -> Response:
        if not _is_for_au():
            return response
        # A browser would ask the learner for a password, and the AU's request would never end.
        response.headers.pop("WWW-Authenticate", None)
        response.headers["Cache-Control"] = "no-store"
        # That a document is not there yet is nothing to tell.
        is_refused = response.status_code >= _REFUSED and response.status_code != NotFound.status
        if is_refused and request.method != "OPTIONS":
            with suppress(StoreUnavailable, NotFound):
                _log(response)
        return response


def _is_for_au() -> bool:
    return request.path.startswith(f"{ENDPOINT}/")


def _admit_document(path: str, session: str) -> None:
    params = read_params(_PARAMS[path])
    asked = DocumentRequest(
        resource=path,
        method=request.method,
        activity=params.get("activity", ""),
        agent=params.get("agent"),
        registration=params.get("registration", ""),
        document_id=params.get("id", ""),
        content_type=request.headers.get("Content-Type", ""),
        body=read_body() if request.method in ("PUT", "POST") else b"",
    )
    context.services().cmi5.access.admit(session, asked)


def _log(response: Response) -> None:
    token = request.authorization
    if token is None or token.type != "basic":
        return
    session, cmi5 = token.username or "", context.services().cmi5
    # Nobody without a token may fill the log of a session.
    if not cmi5.access.knows(session, token.password or ""):
        return
    refusal = response.get_json(silent=True) or {}
    details = {name: refusal[name] for name in ("message", "pointer", "allowed") if name in refusal}
    cmi5.log.note(
        session,
        "refused",
        method=request.method,
        path=request.path.removeprefix(ENDPOINT),
        status=response.status_code,
        requirement=refusal.get("violatedReqId"),
        **details,
    )
