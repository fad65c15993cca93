"""Reports that go out by mail, and when they last did."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Moment, Report, Row

_PERIODS = {"day": 1, "week": 7, "month": 31}


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        last = row["made"] if row["last_sent"] is None else row["last_sent"]
        row["late"] = int(moment.today - last > _PERIODS[row["cadence"]])
    return rows


def _reading(rows: Sequence[Row]) -> str:
    late = sum(row["late"] for row in rows)
    if late:
        return f"{late} of {len(rows)} subscriptions are late: does cron run `lrs deliver`?"
    return f"{len(rows)} reports come by themselves."


REPORT = Report(
    name="deliveries",
    title="Deliveries",
    question="Do reports come by themselves?",
    level="descriptive",
    covers=("B50",),
    organisational=True,
    columns=(
        Column("subscription", "text", "The subscription"),
        Column("report", "text", "The report"),
        Column("recipient", "text", "Who gets it", tells_names=True),
        Column("cadence", "text", "day, week or month"),
        Column("made", "day", "Since when"),
        Column("mails", "count", "Mails sent"),
        Column("last_sent", "day", "The last one"),
        Column("failures", "count", "Mails that could not be sent"),
        Column("late", "flag", "Whether none went out for longer than that"),
    ),
    sql="""WITH told AS (
    SELECT subscription, MAX(CASE WHEN result = 'sent' THEN day END) AS last_sent,
           COUNT(CASE WHEN result = 'sent' THEN 1 END) AS mails,
           COUNT(CASE WHEN result <> 'sent' THEN 1 END) AS failures
    FROM deliveries GROUP BY subscription
)
SELECT s.entry AS subscription, s.report, s.recipient, s.cadence, s.made,
       COALESCE(t.mails, 0) AS mails, t.last_sent, COALESCE(t.failures, 0) AS failures
FROM subscriptions s LEFT JOIN told t ON t.subscription = s.entry
WHERE s.closed IS NULL
ORDER BY s.made, s.entry""",
    finish=_finish,
    reading=_reading,
)
