"""What each learner should do next."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import MAX_ROWS, Column, Parameter, Report, Row
from lrs.analytics.sql.fragments import ACTORS, ENROLLED, NOT_ANSWERING, WITHDREW


def _reading(rows: Sequence[Row]) -> str:
    return f"{len(rows)} learners are on their way; tell each the next step."


REPORT = Report(
    name="next-steps",
    title="Next steps",
    question="What should each learner do next?",
    level="prescriptive",
    covers=("C4",),
    version=3,
    personal=True,
    ranked_by=("course",),
    parameters=(Parameter("within", 90, "Days since the last statement; older ones are over"),),
    columns=(
        COURSE,
        Column("learner", "agent", "Who"),
        Column("next", "activity", "The next module"),
        Column("reason", "text", "failed there, begun and not finished, or next in order"),
        Column("done", "count", "Modules completed"),
        Column("modules", "count", "Modules of the course"),
    ),
    sql=f"""WITH {ACTORS}, visits AS (
    SELECT learner, course, module, MAX(day) AS last_day,
           MAX(CASE WHEN completion = 1 AND module <> 0 THEN 1 ELSE 0 END) AS done,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS over,
           {WITHDREW} AS withdrawn, {ENROLLED} AS enrolled,
           MAX(CASE WHEN success = 1 AND {NOT_ANSWERING} THEN 1 ELSE 0 END) AS passed,
           MAX(CASE WHEN success = 0 AND {NOT_ANSWERING} THEN 1 ELSE 0 END) AS failed,
           MAX(CASE WHEN roles LIKE '% enrol %' THEN 0 ELSE 1 END) AS seen
    FROM scoped WHERE course <> 0 GROUP BY learner, course, module
), persons AS (
    SELECT learner, course FROM visits GROUP BY learner, course
    HAVING MAX(over) = 0 AND MAX(withdrawn) <= MAX(enrolled)
       AND MAX(last_day) >= :today - :within
), ways AS (
    SELECT p.learner, p.course, m.module_id, m.rank,
           CASE WHEN v.done = 1 AND (v.failed = 0 OR v.passed = 1) THEN 1 ELSE 0 END AS done,
           CASE WHEN v.failed = 1 AND v.passed = 0 THEN 1 ELSE 0 END AS failed,
           COALESCE(v.seen, 0) AS seen
    FROM persons p
    JOIN modules m ON m.course = p.course
    LEFT JOIN visits v
      ON v.learner = p.learner AND v.course = p.course AND v.module = m.module
), ranked AS (
    SELECT ways.*,
           ROW_NUMBER() OVER (
               PARTITION BY learner, course ORDER BY done, failed DESC, rank
           ) AS place,
           SUM(done) OVER (PARTITION BY learner, course) AS modules_done,
           COUNT(*) OVER (PARTITION BY learner, course) AS modules_all
    FROM ways
)
SELECT c.course_id AS course, a.actor AS learner, r.module_id AS next,
       CASE WHEN r.failed = 1 THEN 'failed there' WHEN r.seen = 1 THEN 'begun and not finished'
            ELSE 'next in order' END AS reason,
       r.modules_done AS done, r.modules_all AS modules
FROM ranked r
JOIN planned c ON c.course = r.course
JOIN actors a ON a.learner = r.learner
WHERE r.place = 1 AND r.done = 0
ORDER BY course, learner
LIMIT {MAX_ROWS + 1}""",
    reading=_reading,
    definition=(
        "Of the modules of the course file: first one with a failed test and no pass, else the first not completed. Who"
        " has completed the course, or left it, is not shown."
    ),
)
