"""Whether those who pay finish."""

from collections.abc import Sequence
from itertools import groupby

from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.statistics.apart import APART, APART_RULE, set_apart

_BANDS = ("0", "up to 20", "up to 50", "up to 100", "up to 500", "over 500")


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["price"] = _BANDS[row["band"]]
    for _, family in groupby(rows, key=lambda row: row["currency"]):
        set_apart(list(family), "completed", "buyers")
    return rows


def _reading(rows: Sequence[Row]) -> str:
    apart = [row for row in rows if row["differs"]]
    if not apart:
        return "Buyers at no price finish more or less often than the others by more than chance."
    told = "; ".join(
        f"who paid {row['price']} {row['currency']} finishes"
        f" {'more' if row['difference'] > 0 else 'less'} often than other buyers"
        for row in sorted(apart, key=lambda row: -row["difference"])
    )
    return f"{told[0].upper()}{told[1:]}."


REPORT = Report(
    name="sales",
    title="Purchases and completion",
    question="Do buyers finish, and at which price?",
    level="diagnostic",
    covers=("C14",),
    version=3,
    columns=(
        Column("currency", "text", "Currency"),
        Column("price", "text", "Price in whole units of it"),
        Column("purchases", "count", "Courses bought"),
        Column("cents", "count", "Sum of the prices, in hundredths"),
        Column("buyers", "people", "Persons who bought one"),
        Column("started", "people", "Those who did anything in it since"),
        Column("completed", "people", "Those who completed it"),
        Column("start_rate", "ratio", "Started of buyers", part="started", whole="buyers"),
        Column("completion_rate", "ratio", "Completed of buyers", part="completed", whole="buyers"),
        *APART,
    ),
    sql="""WITH bought AS (
    SELECT learner, course, MIN(moment) AS bought_at, COUNT(*) AS purchases, SUM(amount) AS cents,
           MAX(amount) AS price, MAX(label) AS currency
    FROM scoped
    WHERE roles LIKE '% purchase %' AND activity = course AND activity_type LIKE '%/course'
      AND amount IS NOT NULL
    GROUP BY learner, course
), after AS (
    SELECT b.learner, b.course, 1 AS started,
           MAX(CASE WHEN s.course_done = 1 THEN 1 ELSE 0 END) AS completed
    FROM bought b JOIN scoped s ON s.learner = b.learner AND s.course = b.course
    WHERE s.moment > b.bought_at AND s.roles NOT LIKE '% enrol %' AND s.roles NOT LIKE '% purchase %'
    GROUP BY b.learner, b.course
), banded AS (
    SELECT b.learner, b.purchases, b.cents, b.currency,
           CASE WHEN b.price = 0 THEN 0 WHEN b.price <= 2000 THEN 1 WHEN b.price <= 5000 THEN 2
                WHEN b.price <= 10000 THEN 3 WHEN b.price <= 50000 THEN 4 ELSE 5 END AS band,
           COALESCE(a.started, 0) AS started, COALESCE(a.completed, 0) AS completed
    FROM bought b LEFT JOIN after a ON a.learner = b.learner AND a.course = b.course
)
SELECT currency, band, SUM(purchases) AS purchases, SUM(cents) AS cents,
       COUNT(DISTINCT learner) AS buyers,
       COUNT(DISTINCT CASE WHEN started = 1 THEN learner END) AS started,
       COUNT(DISTINCT CASE WHEN completed = 1 THEN learner END) AS completed
FROM banded GROUP BY currency, band ORDER BY currency, band""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "price", "completion_rate", series="currency"),
    definition="Prices are whole hundredths; currencies are never added up. Of two purchases the dearer one counts."
    " Prices are compared within their currency." + APART_RULE,
)
