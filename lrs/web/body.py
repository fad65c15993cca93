"""From the body of a request to a batch of statements."""

from __future__ import annotations

from flask import g, request
from werkzeug.http import parse_options_header

from lrs.errors import BadRequest
from lrs.services.statements import Batch
from lrs.web import context
from lrs.web.multipart import read_multipart
from lrs.web.rewriting import read_input
from lrs.xapi.terms import parse_uuid
from lrs.xapi.text import Parsed, read_json


def read_statements() -> Batch:
    """Return the statements and attachments of this request.

    Raises: as batch_of; TooLarge (413) if the body is longer than the LRS takes.
    """
    return batch_of(read_body(), request.headers.get("Content-Type", ""))


def read_body() -> bytes:
    """Return the whole body of this request, unpacked; it may be asked for again.

    Raises: BadRequest if the connection ended before all of it came, or it is not the gzip it claims to be; TooLarge
    (413).
    """
    if "body" not in g:
        g.body = read_input(request.environ, context.services().config.max_body)
    body: bytes = g.body
    if request.content_length is not None and len(body) < request.content_length:
        raise BadRequest(
            "The body is shorter than its Content-Length.",
            code="body-incomplete",
            allowed="as many bytes as the header says",
        )
    return body


def batch_of(body: bytes, content_type: str) -> Batch:
    """Return the statements and attachments of a body.

    Raises: BadRequest if the content type is neither application/json nor multipart/mixed, or the body is not that.
    Spec: Communication 1.5 (1.0.3).
    """
    media_type, options = parse_options_header(content_type)
    if options.get("charset", "utf-8").lower().replace("_", "-") not in ("utf-8", "utf8"):
        raise BadRequest(
            "The body is not in UTF-8.",
            code="charset",
            allowed="UTF-8",
            section="Communication 1.4",
        )
    if media_type.lower() == "application/json":
        return Batch(_statements(body))
    if media_type.lower() == "multipart/mixed":
        text, parts = read_multipart(body, content_type)
        return Batch(_statements(text), parts)
    raise BadRequest(
        "The Content-Type of the request is not one that carries statements.",
        code="content-type",
        allowed="application/json or multipart/mixed",
        section="Communication 1.5",
    )


def _statements(text: bytes) -> Parsed:
    body = read_json(text)
    if not isinstance(body.value, dict | list):
        raise BadRequest(
            "The body holds neither a statement nor an array of statements.",
            code="statement-expected",
            pointer="",
            allowed="a statement object, or an array of them",
            section="Communication 2.1.2",
        )
    return body


def with_id(batch: Batch, statement_id: str) -> Batch:
    """Return the batch of a PUT: one statement, whose id is that of the parameter.

    Raises: BadRequest if there is not just one statement, or it has another id.
    Spec: Communication 2.1.1 (1.0.3).
    """
    statement = batch.body.value
    if not isinstance(statement, dict):
        raise BadRequest(
            "PUT takes one statement.",
            code="put-one-statement",
            pointer="",
            allowed="one statement object",
            section="Communication 2.1.1",
        )
    if "id" not in statement:
        body = batch.body
        value = {"id": statement_id, **statement}
        literal = value if body.literal is body.value else {"id": statement_id, **body.literal}
        return Batch(Parsed(value, literal), batch.parts)
    if not isinstance(statement["id"], str) or parse_uuid(statement["id"]) != statement_id:
        raise BadRequest(
            "The id of the statement is not that of the statementId parameter.",
            code="statement-id-mismatch",
            pointer="/id",
            allowed="the value of statementId, or no id",
            section="Communication 2.1.1",
        )
    return batch
