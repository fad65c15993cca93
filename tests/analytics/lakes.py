"""What tests of the lake share: statements of many kinds, and the ids of the facts that are there."""

from __future__ import annotations

import duckdb

from tests.analytics.places import Place, played, told
from tests.build import voiding


def ids(place: Place) -> list[str]:
    """Return the ids of all facts of statements, sorted: one that is there twice stands twice."""
    files = place.lake.catch_up().files
    if not files:
        return []
    return sorted(
        row[0]
        for row in duckdb.sql(
            f"SELECT id FROM read_parquet({list(files)!r}, hive_partitioning = true) WHERE part = 's'"
        ).fetchall()
    )


def kinds() -> list[dict[str, object]]:
    """Return statements of many kinds, in an order of time."""
    made = []
    for who in range(4):
        made.append(told(who, "registered", days=60))
        made.append(told(who, "launched", "http://example.org/m1", days=59))
        made.append(played(who, "http://example.org/v", 100, f"0[.]{10 + who * 20}", days=58))
        made.append(
            played(who, "http://example.org/v", 100, f"0[.]5[,]{who}[.]{40 + who}", days=57)
        )
        done = {"completion": True, "score": {"scaled": who / 4}, "success": who > 1}
        made.append(told(who, "completed", "http://example.org/m1", days=50, result=done))
        made.append(told(who, "completed", days=40 + who, result={"completion": True}))
    made.append(voiding(made[-1]["id"]))
    return made


REPORTS = ("engagement-funnel", "video-retention", "video-summary", "completion", "assessments")
