"""How far the way from a baseline to automatic action has been gone."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Moment, Report, Row


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["done"] = int(row["found"] >= row["needed"])
    return rows


def _reading(rows: Sequence[Row]) -> str:
    ahead = [row for row in rows if not row["done"]]
    done = len(rows) - len(ahead)
    if not ahead:
        return "Every step is done; keep going round."
    return f"{done} of {len(rows)} steps are done; the next one: {ahead[0]['step']}."


REPORT = Report(
    name="phases",
    title="Phases",
    question="How far are we, and what is the next step?",
    level="descriptive",
    covers=("B49",),
    organisational=True,
    columns=(
        Column("phase", "text", "1 the LMS, 2 other data, 3 by itself"),
        Column("step", "text", "What has to be there"),
        Column("found", "number", "What is there"),
        Column("needed", "number", "What is needed at least"),
        Column("done", "flag", "Whether it is"),
        Column("gives", "text", "What can be seen from then on"),
    ),
    sql="""WITH told AS (
    SELECT COUNT(*) AS statements, SUM(completion) AS completions, COUNT(score) AS scores,
           COUNT(DISTINCT learner) AS learners,
           COUNT(DISTINCT CASE WHEN person <> '' THEN learner END) AS matched
    FROM scoped
), steps AS (
    SELECT 1 AS place, '1 baseline' AS phase, 'statements come in' AS step, statements AS found,
           1 AS needed, 'verbs, freshness' AS gives FROM told
    UNION ALL SELECT 2, '1 baseline', 'completions are told', COALESCE(completions, 0), 1,
           'engagement-funnel, completion' FROM told
    UNION ALL SELECT 3, '1 baseline', 'scores are told', scores, 1, 'assessments' FROM told
    UNION ALL SELECT 4, '1 baseline', 'a question is written down', COUNT(*), 1, 'questions'
           FROM questions
    UNION ALL SELECT 5, '2 other data', 'courses are imported', COUNT(*), 1,
           'completion against its kind' FROM planned
    UNION ALL SELECT 6, '2 other data', '90 % of learners are in the people file',
           CAST(FLOOR(matched * 100 / CAST(GREATEST(learners, 1) AS DOUBLE)) AS BIGINT), 90,
           'slices, time-to-competency' FROM told
    UNION ALL SELECT 7, '3 by itself', 'reports are subscribed to', COUNT(*), 1, 'deliveries'
           FROM subscriptions WHERE closed IS NULL
    UNION ALL SELECT 8, '3 by itself', 'a report was mailed', COUNT(*), 1, 'deliveries'
           FROM deliveries WHERE result = 'sent'
    UNION ALL SELECT 9, '3 by itself', 'a change was made and is compared', COUNT(*), 1, 'changes'
           FROM changes
)
SELECT place, phase, step, found, needed, gives FROM steps ORDER BY place""",
    finish=_finish,
    reading=_reading,
)
