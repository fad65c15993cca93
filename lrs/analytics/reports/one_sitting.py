"""Whether learners finish in one sitting, and come back if not."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report, Row
from lrs.analytics.sql.fragments import TITLES


def _reading(rows: Sequence[Row]) -> str:
    unfinished, back = (sum(row[name] or 0 for row in rows) for name in ("unfinished", "returned"))
    if not unfinished:
        return "Everybody finishes in one sitting."
    return (
        f"Of {unfinished} learners who did not finish in one sitting {back} came back:"
        " make parts that fit into one."
    )


REPORT = Report(
    name="one-sitting",
    title="One sitting",
    question="Do learners finish in one sitting, and do they come back if they do not?",
    level="diagnostic",
    covers=("A20",),
    version=2,
    columns=(
        COURSE,
        Column("learners", "people", "Persons seen"),
        Column("completed", "people", "Persons who completed"),
        Column("in_one", "people", "Those who completed in their first sitting"),
        Column(
            "one_sitting_share",
            "ratio",
            "In one sitting, of completed",
            part="in_one",
            whole="completed",
        ),
        Column("unfinished", "people", "Persons who did not finish in their first sitting"),
        Column("returned", "people", "Those of them who came back"),
        Column(
            "return_share", "ratio", "Returned of unfinished", part="returned", whole="unfinished"
        ),
    ),
    sql=f"""WITH {TITLES}, steps AS (
    SELECT learner, course, moment,
           LAG(moment) OVER (PARTITION BY learner, course ORDER BY moment) AS before
    FROM scoped WHERE course <> 0 AND roles NOT LIKE '% enrol %' AND roles NOT LIKE '% assign %'
), breaks AS (
    SELECT learner, course, MIN(moment) AS second_at
    FROM steps WHERE moment - before > 1800000 GROUP BY learner, course
), persons AS (
    SELECT learner, course,
           MIN(CASE WHEN course_done = 1 THEN moment END) AS completed_at
    FROM scoped
    WHERE course <> 0 AND roles NOT LIKE '% enrol %' AND roles NOT LIKE '% assign %'
    GROUP BY learner, course
), sittings AS (
    SELECT p.course, p.completed_at, b.second_at
    FROM persons p LEFT JOIN breaks b ON b.learner = p.learner AND b.course = p.course
)
SELECT MIN(t.course_id) AS course, COUNT(*) AS learners,
       COUNT(completed_at) AS completed,
       COUNT(CASE WHEN completed_at < COALESCE(second_at, completed_at + 1) THEN 1 END) AS in_one,
       COUNT(CASE WHEN completed_at IS NULL OR completed_at >= second_at THEN 1 END) AS unfinished,
       COUNT(CASE WHEN second_at IS NOT NULL
                   AND (completed_at IS NULL OR completed_at >= second_at) THEN 1 END) AS returned
FROM sittings s JOIN titles t ON t.course = s.course GROUP BY s.course
ORDER BY course""",
    reading=_reading,
    chart=Chart("bar", "course", "one_sitting_share"),
    definition="A sitting ends with a pause of more than 30 minutes; to be enrolled is none.",
)
