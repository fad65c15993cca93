"""How long work waits for its grade, and whether it gets feedback."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report, Row
from lrs.analytics.statistics.clusters import SPREAD_RULE, spread


def _reading(rows: Sequence[Row]) -> str:
    slow = max(rows, key=lambda row: row["p90"] or 0)
    waiting = sum(row["waiting"] for row in rows)
    hours = (slow["p90"] or 0) / 3600
    return f"{waiting} submissions wait for a grade; a tenth of one assignment took over {hours:.0f} hours."


_FED = spread(
    "fed",
    "ranked",
    by="activity",
    whole="COUNT(CASE WHEN grade = 1 AND label <> '' THEN 1 END)",
    parts={"fed": "COUNT(CASE WHEN grade = 1 AND label = 'feedback' THEN 1 END)"},
)

REPORT = Report(
    name="grading",
    title="Grading and feedback",
    question="How long do learners wait for feedback?",
    level="descriptive",
    covers=("C11",),
    columns=(
        COURSE,
        Column("assignment", "activity", "What was handed in"),
        Column("learners", "people", "Persons who handed it in"),
        Column("submissions", "count", "Times that it was", by="learners"),
        Column(
            "graded",
            "count",
            "Those with a grade since, each grade for the last before it",
            by="learners",
        ),
        Column("waiting", "people", "Persons whose last one has none"),
        Column("p50", "seconds", "Median time to the grade", by="learners"),
        Column("p90", "seconds", "Time in which nine of ten were graded", by="learners"),
        Column("told", "count", "Grades that say whether there was feedback", by="learners"),
        Column("with_feedback", "count", "Those with feedback", by="learners"),
        Column(
            "feedback_rate",
            "ratio",
            "With feedback of told",
            part="with_feedback",
            whole="told",
            spread=("told_persons", "aa_fed", "an_fed", "nn"),
        ),
    ),
    version=2,
    sql=f"""WITH steps AS (
    SELECT learner, activity, activity_id, course_id, moment, label,
           CASE WHEN roles LIKE '% grade %' THEN 1 ELSE 0 END AS grade,
           LAG(moment) OVER work AS before_at,
           LAG(CASE WHEN roles LIKE '% grade %' THEN 1 ELSE 0 END) OVER work AS before_grade,
           LEAD(moment) OVER work AS next_at
    FROM scoped
    WHERE roles LIKE '% grade %' OR (roles LIKE '% submit %' AND activity_type LIKE '%assignment')
    WINDOW work AS (PARTITION BY learner, activity ORDER BY moment, tie)
), ranked AS (
    SELECT steps.*,
           CASE WHEN grade = 1 AND before_grade = 0 THEN moment - before_at END AS wait,
           ROW_NUMBER() OVER (
               PARTITION BY activity, CASE WHEN grade = 1 AND before_grade = 0 THEN 1 ELSE 0 END
               ORDER BY moment - before_at
           ) AS place,
           COUNT(CASE WHEN grade = 1 AND before_grade = 0 THEN 1 END)
               OVER (PARTITION BY activity) AS graded
    FROM steps
), {_FED}
SELECT MAX(course_id) AS course, MIN(activity_id) AS assignment,
       COUNT(DISTINCT CASE WHEN grade = 0 THEN learner END) AS learners,
       COUNT(CASE WHEN grade = 0 THEN 1 END) AS submissions,
       COUNT(wait) AS graded,
       COUNT(CASE WHEN grade = 0 AND next_at IS NULL THEN 1 END) AS waiting,
       MIN(CASE WHEN wait IS NOT NULL AND place * 2 >= graded THEN wait END) AS p50,
       MIN(CASE WHEN wait IS NOT NULL AND place * 10 >= graded * 9 THEN wait END) AS p90,
       COUNT(CASE WHEN grade = 1 AND label <> '' THEN 1 END) AS told,
       COUNT(CASE WHEN grade = 1 AND label = 'feedback' THEN 1 END) AS with_feedback,
       MIN(f.persons) AS told_persons, MIN(f.nn) AS nn, MIN(f.aa_fed) AS aa_fed,
       MIN(f.an_fed) AS an_fed
FROM ranked LEFT JOIN fed f ON f.activity = ranked.activity
GROUP BY ranked.activity
HAVING COUNT(CASE WHEN grade = 0 THEN 1 END) > 0
ORDER BY waiting DESC, assignment""",
    reading=_reading,
    chart=Chart("bar", "assignment", "feedback_rate"),
    definition="The time from handing in to the next grade of the same learner; what has none waits, and is no zero."
    + SPREAD_RULE,
)
