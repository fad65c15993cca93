"""Whether those who pay finish."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Report, Row

_BANDS = ("0", "up to 20", "up to 50", "up to 100", "up to 500", "over 500")


def _reading(rows: Sequence[Row]) -> str:
    best = max(rows, key=lambda row: row["completion_rate"] or 0)
    return f"Those who paid {best['price']} {best['currency']} finish most often."


REPORT = Report(
    name="sales",
    title="Purchases and completion",
    question="Do buyers finish, and at which price?",
    level="diagnostic",
    covers=("C14",),
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
           MAX(CASE WHEN s.completion = 1 AND s.activity = s.course THEN 1 ELSE 0 END) AS completed
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
    finish=lambda rows, moment: [{**row, "price": _BANDS[row["band"]]} for row in rows],
    reading=_reading,
    chart=Chart("bar", "price", "completion_rate", series="currency"),
    definition="Prices are whole hundredths; currencies are never added up. Of two purchases the dearer one counts.",
)
