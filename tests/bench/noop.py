"""The least that a Flask route can do under the same server: reads the body as JSON and answers."""

from __future__ import annotations

import sys

import orjson
from flask import Flask, Response, request
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels


def create_app() -> Flask:
    app = Flask("noop")

    @app.route("/xapi/<path:_>", methods=["GET", "POST", "PUT"])
    def answer(_: str) -> Response:
        if request.content_length:
            orjson.loads(request.get_data())
        return Response(b'["ok"]', content_type="application/json")

    return app


if __name__ == "__main__":
    Granian(
        "tests.bench.noop:create_app",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=16,
        backpressure=16,
        log_access=False,
        log_level=LogLevels.error,
    ).serve()
