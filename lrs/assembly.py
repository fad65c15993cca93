"""Services: the only place where concrete parts meet."""

from __future__ import annotations

import gc
import importlib.util
import uuid
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from lrs import clock
from lrs.analytics.acting import Actions
from lrs.analytics.audience import Pseudonyms
from lrs.analytics.delivery import Deliveries, check_subscription
from lrs.analytics.lake.engine import DuckDB, Engine
from lrs.analytics.lake.lake import Lake
from lrs.analytics.lake.mirror import Mirror
from lrs.analytics.lake.small_tables import SmallTables
from lrs.analytics.lake.spark import Spark
from lrs.analytics.ledgers.concerning import Concerning
from lrs.analytics.ledgers.ledgers import Ledgers
from lrs.analytics.planning import Plan
from lrs.analytics.references.persons import People
from lrs.analytics.references.references import References
from lrs.analytics.references.visitors import Visitors
from lrs.analytics.reporting import Reports
from lrs.analytics.runs import Runs
from lrs.analytics.sealing import Seal
from lrs.auth.accounts import Accounts
from lrs.auth.credentials import Credentials
from lrs.auth.public_keys import PublicKeys
from lrs.auth.sessions import Sessions
from lrs.cmi5.forgetting import Forgetting
from lrs.cmi5.service import Cmi5, Settings, build_cmi5
from lrs.config import Config
from lrs.privacy.erasure import Erasure
from lrs.privacy.person import Who
from lrs.privacy.traces import Traces
from lrs.services.documents import Documents
from lrs.services.lookups import Lookups
from lrs.services.quirks import Quirks
from lrs.services.rejects import Rejects
from lrs.services.statements import Statements
from lrs.stores.open import open_store
from lrs.stores.protocol import Store
from lrs.taxonomy.events import load_catalog
from lrs.taxonomy.intake import Intake
from lrs.taxonomy.mapping import Mapper
from lrs.taxonomy.persons import Persons
from lrs.taxonomy.profiles import Profiles
from lrs.taxonomy.roles import load_roles

_NEW_OBJECTS = 50_000
"""After how many the collector of cycles looks at them; a batch of statements has some 20,000."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the web and the commands use."""

    config: Config
    store: Store
    credentials: Credentials
    accounts: Accounts
    statements: Statements
    documents: Documents
    lookups: Lookups
    rejects: Rejects
    quirks: Quirks
    public_keys: PublicKeys
    mapper: Mapper
    intake: Intake
    persons: Persons
    plan: Plan
    cmi5: Cmi5
    lake: Lake
    tables: SmallTables
    references: References
    people: People
    reports: Reports
    runs: Runs
    ledgers: Ledgers
    concerning: Concerning
    deliveries: Deliveries
    actions: Actions
    seal: Seal
    who: Who
    erasure: Erasure

    def close(self) -> None:
        """End what runs in the background, and give back connections and files."""
        self.lake.stop()
        self.runs.close()
        self.store.close()


def build_services(config: Config) -> Services:
    """Open the store and put the services together; makes the data folder if there is none.

    Raises: ValueError if the store URI is of an unknown kind, or a file of own events cannot be used; StoreUnavailable
    if the store cannot be reached.
    """
    config.data.mkdir(parents=True, exist_ok=True)
    base = config.events_base or config.public_url
    mapper = Mapper(load_catalog(base, Path(config.events) if config.events else None))
    store = open_store(config.store_uri, clock.now)
    statements = Statements(store, new_id)
    documents = Documents(store.documents)
    persons = Persons(store.records, clock.now)
    cmi5_settings = Settings(
        base=config.public_url,
        content_base=config.content_url,
        wait_seconds=config.cmi5_wait,
        idle_seconds=config.cmi5_idle,
    )
    roles = load_roles(mapper.catalog.tables)
    lake = Lake(
        f"{config.lake_uri}/facts",
        store,
        zone=ZoneInfo(config.zone),
        lock=config.data / "lake.lock",
        meaning=roles.of,
        definitions=roles.fingerprint,
    )
    visitors = Visitors(persons, mapper.catalog.base)
    references = References(store.records, visitors, mapper.catalog.tables)
    tables = SmallTables(config.lake_uri, store.records, references)
    people = People(store.records, visitors)
    pseudonyms = Pseudonyms(store.records)
    mirror = Mirror(config.data / "scratch" / "lake")
    reports = Reports(
        lake,
        tables,
        store.activities,
        _engine(config, mirror),
        clock.now,
        people,
        pseudonyms,
    )
    ledgers = Ledgers(store.records, clock.now, new_id, {"subscription": check_subscription})
    cmi5 = build_cmi5(store, statements, documents, clock.now, new_id, cmi5_settings)
    accounts = Accounts(
        store.records,
        clock.now,
        Sessions(store.records, clock.now, config.session),
        config.public_url,
    )
    rejects = Rejects(store.records, clock.now)
    traces = Traces(
        store.documents,
        references,
        tables,
        ledgers,
        persons,
        Forgetting(store.records, cmi5.log, cmi5.player),
        rejects,
        accounts,
    )
    return Services(
        config=config,
        store=store,
        credentials=Credentials(store.records, clock.now),
        statements=statements,
        documents=documents,
        accounts=accounts,
        lookups=Lookups(store),
        rejects=rejects,
        quirks=Quirks(store.records),
        public_keys=PublicKeys(store.records, clock.now),
        mapper=mapper,
        intake=Intake(
            mapper,
            statements,
            store.records,
            persons,
            Profiles(mapper, documents),
            clock.now,
            new_id,
        ),
        persons=persons,
        plan=Plan(reports, store.records),
        cmi5=cmi5,
        lake=lake,
        tables=tables,
        references=references,
        people=people,
        reports=reports,
        runs=Runs(reports, store.records, clock.now, config.report_limit),
        ledgers=ledgers,
        concerning=Concerning(people, pseudonyms),
        deliveries=Deliveries(ledgers, reports, config.smtp, config.mail_from),
        actions=Actions(reports, ledgers, references),
        seal=Seal(store.records),
        who=Who(references, visitors),
        erasure=Erasure(store, lake, mirror, traces, clock.now),
    )


def spare_collector() -> None:
    """Let the collector of cycles pass over what is there now, and look less often for more; once in a process.

    Statements are trees, which it need not look at: it took a tenth of the time of a batch.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 20)


def _engine(config: Config, mirror: Mirror) -> Engine:
    if config.engine == "duckdb":
        return DuckDB(config.data / "scratch", mirror)
    if importlib.util.find_spec("pyspark") is None:
        raise ValueError("LRS_ENGINE=spark needs PySpark: pip install 'lrs[spark]'.")
    return Spark("local[*]" if config.engine == "spark" else config.engine)


def new_id() -> str:
    """Return an id that nothing has yet."""
    return str(uuid.uuid4())
