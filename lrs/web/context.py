"""What a request carries along: the services of its app, its version, its principal."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g

from lrs.assembly import Services
from lrs.auth.principal import Principal
from lrs.xapi.version import Version

_SERVICES = "lrs"


def attach(app: Flask, services: Services) -> None:
    """Give an app its services."""
    app.extensions[_SERVICES] = services


def services() -> Services:
    """Return the services of the app that serves this request."""
    return cast(Services, current_app.extensions[_SERVICES])


def set_version(version: Version) -> None:
    """Note which version this request speaks."""
    g.version = version


def version() -> Version:
    """Return the version that this request speaks; `negotiate` has set it."""
    return cast(Version, g.version)


def version_name() -> str | None:
    """Return the name of the version that this request speaks, or None if it is not (yet) known."""
    known = g.get("version")
    return None if known is None else cast(Version, known).name


def set_principal(principal: Principal) -> None:
    """Note who sends this request."""
    g.principal = principal


def principal() -> Principal:
    """Return who sends this request; `negotiate` has set it."""
    return cast(Principal, g.principal)
