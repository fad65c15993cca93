"""What a request carries along: the services of its app, its version, its principal."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g, request

from lrs.assembly import Services
from lrs.auth.principal import Principal
from lrs.xapi.version import VERSIONS, Version

_SERVICES = "lrs"
_SPOKEN = "lrs.spoken"
_REMEMBERED = 1_000
_REPLAYED = "lrs.replayed"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a request that is sent in again, out of the inbox of rejects, has instead of a secret."""

    principal: Principal
    since: int
    """When it was refused first, in microseconds."""

    @property
    def environment(self) -> dict[str, object]:
        """What the request's WSGI environment is to hold; nothing that comes over the wire can get there."""
        return {_REPLAYED: self}


class Spoken:
    """Which version each credential spoke last in this process; those that changed longest ago are forgotten first."""

    def __init__(self) -> None:
        self._versions: OrderedDict[str, Version] = OrderedDict()

    def note(self, key: str, version: Version) -> None:
        """Remember what a credential speaks."""
        if self._versions.get(key) is version:
            return
        self._versions[key] = version
        while len(self._versions) > _REMEMBERED:
            self._versions.popitem(last=False)

    def last(self, key: str) -> Version:
        """Return what the credential spoke last, or the older version if it has not spoken yet."""
        return self._versions.get(key, VERSIONS[0])


def attach(app: Flask, services: Services) -> None:
    """Give an app its services."""
    app.extensions[_SERVICES] = services
    app.extensions[_SPOKEN] = Spoken()


def spoken() -> Spoken:
    """Return which version each credential spoke last."""
    return cast(Spoken, current_app.extensions[_SPOKEN])


def services() -> Services:
    """Return the services of the app that serves this request."""
    return cast(Services, current_app.extensions[_SERVICES])


def replayed() -> Replayed | None:
    """Return what this request has if it is sent in again out of the inbox of rejects."""
    return cast(Replayed | None, request.environ.get(_REPLAYED))


def set_version(version: Version) -> None:
    """Note which version this request speaks."""
    g.version = version


def version() -> Version:
    """Return the version that this request speaks; `negotiate` has set it."""
    return cast(Version, g.version)


def known_version() -> Version | None:
    """Return the version that this request speaks, or None if it is not (yet) known."""
    return cast(Version | None, g.get("version"))


def set_principal(principal: Principal) -> None:
    """Note who sends this request."""
    g.principal = principal


def known_principal() -> Principal | None:
    """Return who sends this request, or None if that is not (yet) known."""
    return cast(Principal | None, g.get("principal"))


def principal() -> Principal:
    """Return who sends this request; `negotiate` has set it."""
    return cast(Principal, g.principal)
