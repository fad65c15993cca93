"""Whether learners were told what is collected before it was."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    late = [row for row in rows if (row["told_before"] or 0) < (row["learners"] or 0)]
    if not late:
        return "Everybody was told before the first statement was stored."
    return (
        f"In {len(late)} of {len(rows)} courses not everybody was told before: show a note at the start, such as"
        ' "We track your progress to improve this course for you."'
    )


REPORT = Report(
    name="notices",
    title="Notices",
    question="Were learners told in time what is collected?",
    level="descriptive",
    covers=("A41", "B54"),
    obligations=True,
    organisational=True,
    columns=(
        COURSE,
        Column("learners", "people", "Persons with a statement in it"),
        Column("told_before", "people", "Those who were told before their first statement"),
        Column(
            "told_rate", "ratio", "Told before of learners", part="told_before", whole="learners"
        ),
        Column("told_late", "people", "Those who were told later"),
        Column("version", "text", "Latest version in the ledger"),
        Column("since", "day", "Day from which it holds"),
    ),
    sql="""WITH each AS (
    SELECT learner, actor, course, course_id, day, moment,
           CASE WHEN activity_type LIKE '%/notice' THEN 1 ELSE 0 END AS notice
    FROM scoped WHERE course <> 0 AND roles NOT LIKE '% operate %'
), firsts AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(actor) AS actor,
           MIN(CASE WHEN notice = 0 THEN moment END) AS first_at,
           MIN(CASE WHEN notice = 0 THEN day END) AS first_day,
           MIN(CASE WHEN notice = 1 THEN moment END) AS shown_at
    FROM each GROUP BY learner, course
), everybody AS (
    SELECT place, MIN(day) AS day FROM notices WHERE learner_id = '' AND closed IS NULL
    GROUP BY place
), single AS (
    SELECT place, learner_id, MIN(day) AS day FROM notices WHERE learner_id <> ''
    GROUP BY place, learner_id
), told AS (
    SELECT f.course, f.course_id, f.learner,
           CASE WHEN f.shown_at <= f.first_at OR e.day <= f.first_day OR s.day <= f.first_day
                THEN 1 ELSE 0 END AS told_before,
           CASE WHEN f.shown_at IS NOT NULL OR e.day IS NOT NULL OR s.day IS NOT NULL
                THEN 1 ELSE 0 END AS told
    FROM firsts f
    LEFT JOIN everybody e ON e.place = f.course
    LEFT JOIN single s ON s.place = f.course AND s.learner_id = f.actor
    WHERE f.first_at IS NOT NULL
), latest AS (
    SELECT place, version, day FROM (
        SELECT place, version, day,
               ROW_NUMBER() OVER (PARTITION BY place ORDER BY day DESC, version DESC) AS rank
        FROM notices
    ) ranked WHERE rank = 1
)
SELECT MIN(t.course_id) AS course, COUNT(*) AS learners, SUM(t.told_before) AS told_before,
       SUM(t.told) - SUM(t.told_before) AS told_late, COALESCE(MIN(l.version), '') AS version,
       MIN(l.day) AS since
FROM told t LEFT JOIN latest l ON l.place = t.course
GROUP BY t.course
ORDER BY course""",
    reading=_reading,
    chart=Chart("bar", "course", "told_rate"),
    definition=(
        "Told: a notice in the ledger for the course, for everybody or for the learner, of the day of the first"
        " statement at latest; or a statement, whatever its verb, about an activity whose type ends in /notice, not"
        " later than the first other one."
    ),
)
