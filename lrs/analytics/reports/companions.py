"""Completion beside retention: one of them alone misleads."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.fragments import TITLES
from lrs.analytics.sql.retested import AFTER, BEFORE, RETESTED, RETESTED_RULE
from lrs.analytics.statistics.estimates import difference

_POINTS, _FEWEST = 0.05, 20
_PAIRS = {"completion": ("completed", "starters"), "retention": ("retained", "tested")}


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        for name, (part, whole) in _PAIRS.items():
            now, then = row[whole], row[f"{whole}_before"]
            change = f"{name}_change"
            row[change] = row[f"{change}_low"] = row[f"{change}_high"] = None
            if min(now, then) >= _FEWEST:
                found = difference(row[part], now, row[f"{part}_before"], then)
                row[change], row[f"{change}_low"], row[f"{change}_high"] = found[:3]
        row["warning"] = warning(row)
    return sorted(
        rows, key=lambda row: (not row["warning"].startswith("completion"), row["course"])
    )


def warning(row: Row) -> str:
    """Return what the two changes say together."""
    up, down = row["completion_change"], row["retention_change"]
    if up is None or down is None:
        return "too few"
    if up < _POINTS or down > -_POINTS:
        return ""
    sure = row["completion_change_low"] > 0 and row["retention_change_high"] < 0
    return "completion up, retention down" if sure else "watch"


def _reading(rows: Sequence[Row]) -> str:
    bad = [row for row in rows if row["warning"].startswith("completion")]
    if bad:
        return f"{len(bad)} courses are completed more and remembered less: they may have become easy to click through."
    forgot = sum(row["forgot"] or 0 for row in rows)
    return f"No course is completed more and remembered less; {forgot} persons had completed and would not pass again."


REPORT = Report(
    name="companions",
    title="Completion beside retention",
    question="Where completion rises, does what was learnt stay?",
    level="diagnostic",
    covers=("B9", "B11", "B4"),
    version=2,
    parameters=(Parameter("days", 90, "Days of each of the two periods"), AFTER, BEFORE, MARK),
    columns=(
        COURSE,
        Column("warning", "text", "completion up, retention down; watch: perhaps; too few"),
        Column(
            "starters_before", "people", "Persons who began in the period before", among="before"
        ),
        Column("completed_before", "people", "Those who completed within 28 days", among="before"),
        Column(
            "completion_before",
            "ratio",
            "Completed of them",
            part="completed_before",
            whole="starters_before",
        ),
        Column("starters", "people", "Persons who began in the last period", among="after"),
        Column("completed", "people", "Those who completed within 28 days", among="after"),
        Column("completion", "ratio", "Completed of them", part="completed", whole="starters"),
        Column("completion_change", "number", "Change of the completion rate, -1..1"),
        Column("completion_change_low", "number", "Lower end of its 95 % interval"),
        Column("completion_change_high", "number", "Upper end"),
        Column(
            "tested_before",
            "people",
            "Persons who passed in the period before, tested again",
            among="before",
        ),
        Column("retained_before", "people", "Those who passed again", among="before"),
        Column(
            "retention_before",
            "ratio",
            "Passed again of tested",
            part="retained_before",
            whole="tested_before",
        ),
        Column(
            "tested", "people", "Persons who passed in the last period, tested again", among="after"
        ),
        Column("retained", "people", "Those who passed again", among="after"),
        Column("retention", "ratio", "Passed again of tested", part="retained", whole="tested"),
        Column("retention_change", "number", "Change of the retention rate, -1..1"),
        Column("retention_change_low", "number", "Lower end of its 95 % interval"),
        Column("retention_change_high", "number", "Upper end"),
        Column("finished", "people", "All who completed and were tested again", among="after"),
        Column("forgot", "people", "Those who would not pass any more", among="after"),
        Column("forgot_rate", "ratio", "Forgot of finished", part="forgot", whole="finished"),
    ),
    sql=f"""WITH {TITLES}, {RETESTED}, begun AS (
    SELECT learner, course,
           MIN(CASE WHEN roles NOT LIKE '% enrol %' THEN day END) AS began,
           MIN(CASE WHEN course_done = 1 THEN day END) AS done
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), cohorts AS (
    SELECT b.course, b.done,
           CASE WHEN b.done <= b.began + 28 THEN 1 ELSE 0 END AS completed,
           CASE WHEN b.began >= :today - 28 - :days AND b.began < :today - 28 THEN 1
                WHEN b.began >= :today - 28 - 2 * :days AND b.began < :today - 28 THEN 0 END
               AS began_last,
           CASE WHEN r.passed_on >= :today - 28 - :days AND r.passed_on < :today - 28 THEN 1
                WHEN r.passed_on >= :today - 28 - 2 * :days AND r.passed_on < :today - 28 THEN 0
                END AS passed_last,
           r.passed
    FROM begun b LEFT JOIN retested r ON r.learner = b.learner AND r.course = b.course
)
SELECT MIN(t.course_id) AS course,
       COUNT(CASE WHEN began_last = 0 THEN 1 END) AS starters_before,
       COUNT(CASE WHEN began_last = 0 AND completed = 1 THEN 1 END) AS completed_before,
       COUNT(CASE WHEN began_last = 1 THEN 1 END) AS starters,
       COUNT(CASE WHEN began_last = 1 AND completed = 1 THEN 1 END) AS completed,
       COUNT(CASE WHEN passed_last = 0 THEN 1 END) AS tested_before,
       COUNT(CASE WHEN passed_last = 0 AND passed = 1 THEN 1 END) AS retained_before,
       COUNT(CASE WHEN passed_last = 1 THEN 1 END) AS tested,
       COUNT(CASE WHEN passed_last = 1 AND passed = 1 THEN 1 END) AS retained,
       COUNT(CASE WHEN done IS NOT NULL AND passed IS NOT NULL THEN 1 END) AS finished,
       COUNT(CASE WHEN done IS NOT NULL AND passed = 0 THEN 1 END) AS forgot
FROM cohorts c JOIN titles t ON t.course = c.course GROUP BY c.course HAVING COUNT(passed) > 0
ORDER BY course""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "completion", "retention", series="course"),
    definition=RETESTED_RULE
    + (
        " Both periods end 28 days ago, so that the last one had as much time as the one before. A warning: completion"
        " rose and retention fell by 5 points or more, and both intervals exclude none; watch: not both do."
    ),
)
