"""Services: the only place where concrete parts meet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from lrs import clock
from lrs.auth.credentials import Credentials
from lrs.cmi5.service import Cmi5, Settings, build_cmi5
from lrs.config import Config
from lrs.services.documents import Documents
from lrs.services.lookups import Lookups
from lrs.services.quirks import Quirks
from lrs.services.rejects import Rejects
from lrs.services.statements import Statements
from lrs.stores.open import open_store
from lrs.stores.protocol import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the web and the commands use."""

    config: Config
    store: Store
    credentials: Credentials
    statements: Statements
    documents: Documents
    lookups: Lookups
    rejects: Rejects
    quirks: Quirks
    cmi5: Cmi5


def build_services(config: Config) -> Services:
    """Open the store and put the services together; makes the data folder if there is none.

    Raises: ValueError if the store URI is of an unknown kind; StoreUnavailable if it cannot be reached.
    """
    config.data.mkdir(parents=True, exist_ok=True)
    store = open_store(config.store_uri, clock.now)
    statements = Statements(store, _new_id)
    documents = Documents(store.documents)
    cmi5_settings = Settings(
        base=config.public_url,
        content_base=config.content_url,
        wait_seconds=config.cmi5_wait,
        idle_seconds=config.cmi5_idle,
    )
    return Services(
        config=config,
        store=store,
        credentials=Credentials(store.records, clock.now),
        statements=statements,
        documents=documents,
        lookups=Lookups(store),
        rejects=Rejects(store.records, clock.now),
        quirks=Quirks(store.records),
        cmi5=build_cmi5(store, statements, documents, clock.now, _new_id, cmi5_settings),
    )


def _new_id() -> str:
    return str(uuid.uuid4())
