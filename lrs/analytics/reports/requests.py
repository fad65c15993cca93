"""What persons have asked about their data, and what is due."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Moment, Report, Row


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        end = moment.today if row["closed"] is None else row["closed"]
        row["days_left"] = row["due"] - moment.today if row["closed"] is None else None
        row["days_taken"] = end - row["received"]
        late = end > row["due"]
        state = "open" if row["closed"] is None else "done"
        row["status"] = {"open": "overdue", "done": "done late"}[state] if late else state
    return sorted(rows, key=lambda row: (row["closed"] is not None, row["due"], row["request"]))


def _reading(rows: Sequence[Row]) -> str:
    still = [row for row in rows if row["closed"] is None]
    late = sum(row["status"] == "overdue" for row in rows)
    if not still:
        return f"All {len(rows)} requests are answered."
    return f"{len(still)} requests wait, {late} of them for too long; the next is due in {still[0]['days_left']} days."


REPORT = Report(
    name="requests",
    title="Requests of persons",
    question="Which requests about personal data must be answered, and by when?",
    level="descriptive",
    covers=("B53",),
    obligations=True,
    organisational=True,
    columns=(
        Column("request", "text", "The request: its entry in the ledger says whose it is"),
        Column("kind", "text", "access, erase, rectify, restrict, object, portability"),
        Column("received", "day", "When it came"),
        Column("due", "day", "When it must be answered"),
        Column("closed", "day", "When it was"),
        Column("days_left", "days", "Days until then"),
        Column("days_taken", "days", "Days since it came, or until it was answered"),
        Column("status", "text", "open, overdue, done, done late"),
        Column("owner", "text", "Who sees to it", tells_names=True),
    ),
    sql="""WITH received AS (
    SELECT entry AS request, kind, day AS received, day + days AS due, closed, owner FROM requests
)
SELECT request, kind, received, due, closed, owner FROM received ORDER BY due, request""",
    finish=_finish,
    reading=_reading,
)
