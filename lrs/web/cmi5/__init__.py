"""cmi5 over HTTP: what AUs speak to, the native REST, CATAPULT's names, and pages. Decides nothing about cmi5."""

from __future__ import annotations

from flask import Flask

from lrs.web import about, activities, agents, documents, statements
from lrs.web.cmi5 import au, content, courses, pages, player, registrations, sessions


def install(app: Flask) -> None:
    """Give an app all of cmi5."""
    for module in (statements, documents, agents, activities, about):
        app.register_blueprint(
            module.resource, url_prefix=au.ENDPOINT, name=f"au-{module.resource.name}"
        )
    for module in (courses, registrations, sessions):
        app.register_blueprint(module.resource, url_prefix="/cmi5/v1")
    app.register_blueprint(au.resource)
    app.register_blueprint(player.resource, url_prefix="/cmi5/player/api/v1")
    app.register_blueprint(pages.resource)
    content.install(app)
    au.install(app)
