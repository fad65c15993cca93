"""An AU that is launched."""

from __future__ import annotations

import pytest

from lrs.assembly import Services
from tests.cmi5.build import au
from tests.conftest import Client
from tests.web.cmi5.speaking import AuClient, launched


@pytest.fixture
def started(client: Client, services: Services) -> AuClient:
    """An AU whose token is fetched."""
    one = launched(client, services, au(moveOn="Passed", masteryScore="0.5"))
    one.fetch()
    return one
