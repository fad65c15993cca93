"""What should be sent, and what is."""

from collections import Counter
from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row

_LARGEST_SHARE = {"admin": 0.01, "low": 0.05, "medium": 0.30, "high": 1.0}
"""What share of all events one of a volume class may have; more breaks the plan."""
_ENOUGH = 500
"""Events in the window from which on shares say something."""
_DAY = 86_400_000


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    # Not of this very moment: the day has as long to go as it takes until the next one is asked.
    oldest = (moment.today + 1 - moment.parameters["live"]) * _DAY
    whole = sum(row["recent"] for row in rows)
    for row in rows:
        row["status"] = _status(row, oldest)
        row["share"] = row["recent"] / whole if whole else 0.0
        row["expected"] = _LARGEST_SHARE.get(row["volume"])
        row["too_often"] = int(
            whole >= _ENOUGH and row["expected"] is not None and row["share"] > row["expected"]
        )
    planned = Counter(row["stage"] for row in rows if row["stage"])
    sent = Counter(row["stage"] for row in rows if row["stage"] and row["status"] == "sent")
    for row in rows:
        row["stage_planned"], row["stage_sent"] = planned[row["stage"]], sent[row["stage"]]
    return rows


def _status(row: Row, oldest: int) -> str:
    if not row["stage"]:
        return "not planned"
    if row["last_seen"] is None:
        return "missing"
    return "sent" if row["last_seen"] >= oldest else "stale"


def _reading(rows: Sequence[Row]) -> str:
    planned = [row for row in rows if row["stage"]]
    sent = sum(row["status"] == "sent" for row in planned)
    first = [row["event"] for row in planned if row["starter"] and row["status"] != "sent"]
    often = [row["event"] for row in rows if row["too_often"]]
    told = f"{sent} of {len(planned)} planned events came lately"
    told += f"; begin with {', '.join(first)}." if first else ", each of those to begin with."
    return told + (f" More often than planned: {', '.join(often)}." if often else "")


REPORT = Report(
    name="tracking-plan",
    title="Tracking plan",
    question="Does what we planned to send come?",
    level="descriptive",
    covers=("C1", "C2"),
    organisational=True,
    parameters=(
        Parameter("live", 7, "Days within which an event counts as being sent"),
        Parameter("window", 28, "Days over which shares are taken"),
    ),
    columns=(
        Column("event", "text", "Event of the taxonomy, or of your own"),
        Column("stage", "text", "Stage of the life cycle; empty: it is not planned"),
        Column("volume", "text", "How often it is planned: high, medium, low, admin"),
        Column("starter", "flag", "Whether it is one of those to begin with"),
        Column("status", "text", "sent (lately), stale (before that), missing, not planned"),
        Column("n", "count", "How often it ever came"),
        Column("recent", "count", "How often in the window"),
        Column("share", "ratio", "Of all events in the window"),
        Column("expected", "ratio", "The largest share that its volume allows"),
        Column("too_often", "flag", "Whether its share is larger, of 500 events or more"),
        Column("last_seen", "hour", "When the last one was stored"),
        Column("stage_sent", "count", "Events of its stage that come"),
        Column("stage_planned", "count", "Events of its stage that are planned"),
    ),
    sql="""WITH told AS (
    SELECT event, moment + lag AS stored_at,
           CAST(FLOOR(CAST(moment + lag AS DOUBLE) / 86400000) AS INT) AS stored_day
    FROM scoped WHERE event <> ''
), counted AS (
    SELECT event, COUNT(*) AS n, MAX(stored_at) AS last_seen,
           COUNT(CASE WHEN stored_day > :today - :window THEN 1 END) AS recent
    FROM told GROUP BY event
), known AS (
    SELECT DISTINCT event FROM (
        SELECT event FROM counted UNION ALL SELECT event FROM planned_events
    ) named
)
SELECT k.event, COALESCE(p.stage, '') AS stage, COALESCE(p.volume, '') AS volume,
       COALESCE(p.starter, 0) AS starter, COALESCE(c.n, 0) AS n,
       COALESCE(c.recent, 0) AS recent, c.last_seen
FROM known k
LEFT JOIN planned_events p ON p.event = k.event
LEFT JOIN counted c ON c.event = k.event
ORDER BY COALESCE(p.place, 1000000), event""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "event", "share", series="stage"),
    definition=(
        "Counted by the day on which statements were stored, UTC, today and the days before it: what is sent, not when"
        " it took place. Volume: of all events an administrative one has 1 % at most, a low one 5 %, a medium one 30 %."
        " Statements that are no events of the taxonomy are not counted; see `verbs` for those."
    ),
)
