"""How fast the lake takes in facts, and reports answer: `python -m tests.bench.lake FOLDER [MILLIONS]`.

Simulated learners are projected from a store; then copies of them, each a learner of its own, fill the lake up.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import duckdb
from deltalake import DeltaTable, write_deltalake

from lrs.analytics.catalog import catalog
from lrs.analytics.simulator.simulation import Simulation
from tests.analytics.places import TODAY, Place, duckdb_in, place_in, reports_of

LEARNERS = 4_000
_ENOUGH = 3


def main(folder: Path, millions: float) -> None:
    place = place_in(folder)
    if place.store.statements.count() == 0:
        simulation = Simulation(learners=LEARNERS, seed=1, last=TODAY.date())
        place.put(*simulation.statements())
        simulation.import_files(place.references)
    count = place.store.statements.count()
    started = time.perf_counter()
    place.lake.catch_up()
    seconds = time.perf_counter() - started
    print(f"projected {count:,} statements in {seconds:.1f} s: {count / seconds:,.0f}/s")
    fill(place, int(millions * 1_000_000))
    place.lake.compact()
    print(f"{place.lake.status().facts:,} facts, {place.lake.status().bytes:,} bytes")
    engine = duckdb_in(folder)
    slowest: list[tuple[float, str]] = []
    for name in catalog():
        asked = {"learner": "mbox|mailto:learner-1@example.org"} if name == "timeline" else {}
        place.answer(name, **asked)
        times = []
        spent = time.process_time()
        for _ in range(_ENOUGH):
            # Others, who remember no answers yet.
            place.reports = reports_of(place.store, place.lake, place.tables, engine)
            place.reports.prepare()
            started = time.perf_counter()
            place.answer(name, **asked)
            times.append(time.perf_counter() - started)
        spent = (time.process_time() - spent) / _ENOUGH
        started = time.perf_counter()
        place.answer(name, **asked)
        again = time.perf_counter() - started
        slowest.append((statistics.median(times), name))
        print(
            f"{name:22}{slowest[-1][0] * 1000:9.0f} ms, {spent * 1000:.0f} ms of CPU, remembered {again * 1000:.0f} ms",
            flush=True,
        )
    print("slowest:", max(slowest))


def fill(place: Place, facts: int) -> None:
    """Copy the facts that are there until there are so many."""
    there = place.lake.status().facts
    files = list(place.lake.catch_up().files)
    table = DeltaTable(place.lake.uri)
    for copy in range(1, facts // there):
        rows = duckdb.sql(
            f"SELECT * REPLACE (learner + {copy} AS learner, CONCAT(id, '{copy}') AS id,"
            f" CONCAT(actor, '{copy}') AS actor, session + {copy} AS session)"
            f" FROM read_parquet({files!r}, hive_partitioning = true, hive_types_autocast = false)"
        )
        columns = [field.name for field in table.schema().fields]
        write_deltalake(table, rows.to_arrow_table().select(columns), mode="append")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 1)
