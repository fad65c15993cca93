"""create_app: the WSGI application around a set of services."""

from __future__ import annotations

import os

from flask import Flask

from lrs.assembly import Services, build_services
from lrs.config import config_from
from lrs.web import (
    about,
    activities,
    agents,
    context,
    documents,
    health,
    negotiate,
    refusals,
    statements,
    tolerance,
)


def create_app(services: Services) -> Flask:
    """Return the application that serves `services` under /xapi."""
    app = Flask("lrs", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = services.config.max_body
    app.url_map.strict_slashes = False
    # A redirect would lose the body and the method of a POST: what is not a resource is 404.
    app.url_map.merge_slashes = False
    context.attach(app, services)
    refusals.install(app)
    for module in (statements, documents, agents, activities, about):
        app.register_blueprint(module.resource, url_prefix="/xapi")
    app.register_blueprint(health.resource)
    tolerance.install(app)
    negotiate.install(app, [one.strip() for one in services.config.origins.split(",")])
    return app


def create_app_from_environment() -> Flask:
    """Return the application for the LRS_* environment variables: what each server process runs."""
    return create_app(build_services(config_from(os.environ)))
