"""Why learners leave courses, and how far they had come."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report, Row
from lrs.analytics.sql.fragments import LEAVES, LEFT


def _reading(rows: Sequence[Row]) -> str:
    told = [row for row in rows if row["reason"] not in ("", "other")]
    left = sum(row["persons"] for row in rows)
    if not told:
        return f"{left} persons have left, and hardly a reason is told: ask for one when somebody leaves."
    first = max(told, key=lambda row: row["persons"])
    return (
        f"{left} persons have left; the reason told most often is {first['reason']!r}, by"
        f" {first['persons']}: see whether that can be mended before the next ones leave."
    )


REPORT = Report(
    name="cancellations",
    title="Why learners leave",
    question="Why do learners leave courses, and how far had they come?",
    level="diagnostic",
    covers=("C8",),
    version=3,
    columns=(
        COURSE,
        Column("reason", "text", "As told; empty: not told; other: told by fewer than three"),
        Column("persons", "people", "Persons who left for it"),
        Column("leavers", "people", "All persons who left the course"),
        Column("share", "ratio", "Those of them who left for it", part="persons", whole="leavers"),
        Column("told", "people", "Those of whom progress is known"),
        Column("progress_p25", "score", "A quarter of those had come no further"),
        Column("progress_p50", "score", "Half of those had come no further"),
        Column("progress_p75", "score", "Three quarters of those had come no further"),
    ),
    sql=f"""WITH leaving AS (
    SELECT learner, course, course_id, label, progress,
           ROW_NUMBER() OVER (PARTITION BY learner, course ORDER BY moment DESC, tie DESC) AS place
    FROM scoped WHERE course <> 0 AND {LEAVES}
), left_it AS (
    SELECT learner, course FROM scoped WHERE course <> 0
    GROUP BY learner, course HAVING {LEFT} = 1
), furthest AS (
    SELECT learner, course, MAX(progress) AS progress
    FROM scoped WHERE course <> 0 AND activity = course GROUP BY learner, course
), reasons AS (
    SELECT l.learner, l.course, l.course_id, COALESCE(l.progress, f.progress) AS progress,
           CASE WHEN l.label <> '' AND COUNT(*) OVER (PARTITION BY l.course, l.label) < 3
                THEN 'other' ELSE l.label END AS reason
    FROM leaving l
    JOIN left_it g ON g.learner = l.learner AND g.course = l.course
    LEFT JOIN furthest f ON f.learner = l.learner AND f.course = l.course
    WHERE l.place = 1
), ranked AS (
    SELECT r.*, COUNT(progress) OVER (PARTITION BY course, reason) AS told,
           ROW_NUMBER() OVER (
               PARTITION BY course, reason ORDER BY COALESCE(progress, 2000000), learner
           ) AS place
    FROM reasons r
), totals AS (
    SELECT course, COUNT(*) AS persons FROM reasons GROUP BY course
)
SELECT MIN(r.course_id) AS course, r.reason, COUNT(*) AS persons, MIN(t.persons) AS leavers,
       MIN(r.told) AS told,
       MIN(CASE WHEN 4 * r.place >= r.told THEN r.progress END) AS progress_p25,
       MIN(CASE WHEN 2 * r.place >= r.told THEN r.progress END) AS progress_p50,
       MIN(CASE WHEN 4 * r.place >= 3 * r.told THEN r.progress END) AS progress_p75
FROM ranked r JOIN totals t ON t.course = r.course
GROUP BY r.course, r.reason
ORDER BY course, persons DESC, reason""",
    reading=_reading,
    chart=Chart("bar", "reason", "share", series="course"),
    definition=(
        "Of somebody who left a course several times the last one counts; who was enrolled again since has"
        " not left. Reasons of up to 60 signs are counted, in"
        " lower case; what fewer than three have said is shown as other, since it may tell on them. Progress: as told"
        " when leaving, else the furthest that was told of the course before."
    ),
)
