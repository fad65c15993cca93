"""When somebody should look at each course again."""

from collections.abc import Sequence
from datetime import date

from lrs.analytics.asking import COURSE
from lrs.analytics.facts.days import date_of, days_of
from lrs.analytics.report import Column, Moment, Parameter, Report, Row

_AFTER_UPDATE, _WEEK, _NEW = 14, 7, 28


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["next_review"], row["reason"] = next_review(
            row["launched"], row["updated"], row["last_review"]
        )
        row["overdue"] = int(moment.today > row["next_review"])
        row["overdue_days"] = max(0, moment.today - row["next_review"])
    return sorted(rows, key=lambda row: (row["next_review"], row["course"]))


def next_review(launched: int, updated: int | None, reviewed: int | None) -> tuple[int, str]:
    """Return the day of the next review and why then: the first that follows the last review; days since 1970."""
    last = launched if reviewed is None else reviewed
    found = [(_quarter_end(last + 1), "quarter")]
    if updated is not None and updated + _AFTER_UPDATE > last:
        found.append((updated + _AFTER_UPDATE, "update"))
    if last + _WEEK <= launched + _NEW:
        found.append((last + _WEEK, "new course"))
    return min(found)


def _quarter_end(day: int) -> int:
    found = date_of(day)
    month = (found.month + 2) // 3 * 3
    year, following = (found.year + 1, 1) if month == 12 else (found.year, month + 1)  # noqa: PLR2004
    return days_of(date(year, following, 1)) - 1


def _reading(rows: Sequence[Row]) -> str:
    overdue = sum(row["overdue"] for row in rows)
    if not overdue:
        return "No review is overdue."
    return f"{overdue} of {len(rows)} courses wait to be reviewed; half a year is too late to mend."


REPORT = Report(
    name="review-calendar",
    title="Review calendar",
    question="Which course should be looked at next?",
    level="prescriptive",
    covers=("A34", "B51"),
    parameters=(Parameter("within", 180, "Days since the last statement; older ones are over"),),
    organisational=True,
    columns=(
        COURSE,
        Column("learners", "people", "Persons seen"),
        Column("launched", "day", "First seen"),
        Column("updated", "day", "Last change in the ledger, or event content.updated"),
        Column("last_review", "day", "Last review in the ledger"),
        Column("next_review", "day", "When the next one is due"),
        Column("reason", "text", "new course, update, quarter"),
        Column("overdue", "flag", "Whether that day is past"),
        Column("overdue_days", "days", "For how long"),
    ),
    sql="""WITH launched AS (
    SELECT course, MIN(course_id) AS course_id, MIN(day) AS launched, MAX(day) AS last_day,
           COUNT(DISTINCT learner) AS learners
    FROM scoped WHERE course <> 0 AND roles NOT LIKE '% operate %' GROUP BY course
), noted AS (
    SELECT place, day FROM changes
    UNION ALL
    SELECT activity AS place, day FROM scoped WHERE event = 'content.updated'
), placed AS (
    SELECT place AS course, day FROM noted
    UNION ALL
    SELECT s.course, c.day FROM scoped s JOIN noted c ON s.activity = c.place
    WHERE s.course <> c.place
    UNION ALL
    SELECT s.course, c.day FROM scoped s JOIN noted c ON s.module = c.place
    WHERE s.course <> c.place
), latest AS (
    SELECT course, MAX(day) AS updated FROM placed GROUP BY course
), looked AS (
    SELECT place AS course, MAX(day) AS last_review FROM reviewed GROUP BY place
)
SELECT l.course_id AS course, l.learners, l.launched, u.updated, r.last_review
FROM launched l
LEFT JOIN latest u ON u.course = l.course
LEFT JOIN looked r ON r.course = l.course
WHERE :today - l.last_day <= :within
ORDER BY course""",
    finish=_finish,
    reading=_reading,
    definition=(
        "Due at the first of these after the last review: every week in the first four, two weeks after a change, the"
        " end of the quarter."
    ),
)
