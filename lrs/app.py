"""create_app: the WSGI application around a set of services."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from flask import Flask

from lrs.assembly import Services, build_services, spare_collector
from lrs.config import config_from
from lrs.web import (
    about,
    accounts,
    activities,
    administration,
    agents,
    browsing,
    cmi5,
    context,
    documents,
    encoding,
    events,
    health,
    ledgers,
    negotiate,
    overview,
    pages,
    plan,
    refusals,
    reports,
    rewriting,
    statements,
    stories,
    tolerance,
)
from lrs.web.alternate import AlternateRequests
from lrs.web.encoding import UnpackedRequests
from lrs.web.rewriting import MergedSlashes


class _Threaded(Flask):
    """A Flask app without coroutines, so that nobody need look for them at each request: a tenth of its time."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(services: Services) -> Flask:
    """Return the application that serves `services`: /xapi, /cmi5 and pages."""
    app = _Threaded("lrs", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = services.config.max_body
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # by a redirect; see MergedSlashes
    context.attach(app, services)
    refusals.install(app, pages.shown)
    for module in (statements, documents, agents, activities, about):
        app.register_blueprint(module.resource, url_prefix="/xapi")
    app.register_blueprint(health.resource)
    for module in (pages, overview, stories, accounts, administration, browsing, events, plan):
        app.register_blueprint(module.resource)
    app.register_blueprint(plan.data)
    cmi5.install(app)
    app.register_blueprint(reports.resource)
    app.register_blueprint(ledgers.resource)
    tolerance.install(app)
    encoding.install(app)
    rewriting.install(app)
    negotiate.install(app, [one.strip() for one in services.config.origins.split(",")])
    max_body = services.config.max_body
    app.wsgi_app = AlternateRequests(app.wsgi_app, max_body)  # type: ignore[method-assign]  # Flask's way to wrap an app
    app.wsgi_app = MergedSlashes(UnpackedRequests(app.wsgi_app))  # type: ignore[method-assign]  # the outer one comes first
    return app


def create_app_from_environment() -> Flask:
    """Return the application for the LRS_* environment variables: what each server process runs."""
    app = create_app(build_services(config_from(os.environ)))
    spare_collector()
    return app
