"""How many learners the people file knows, and who they are that it does not."""

from collections.abc import Sequence

from lrs.analytics.report import MAX_ROWS, Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    whole = rows[0]
    missing = (whole["learners"] or 0) - (whole["matched"] or 0)
    if not missing:
        return "The people file knows every learner."
    return f"The people file does not know {missing} of {whole['learners']} learners: add those listed here."


REPORT = Report(
    name="people-match",
    title="Learners and the people file",
    question="How many learners does the people file know, and whom does it not know?",
    level="descriptive",
    covers=("B24", "B27"),
    version=1,
    columns=(
        Column("learner", "agent", "A learner that the file does not know"),
        Column("statements", "count", "Statements of that learner"),
        Column("learners", "people", "All learners"),
        Column("matched", "people", "Those of them that the file knows"),
        Column("match_rate", "ratio", "Matched of all", part="matched", whole="learners"),
    ),
    sql=f"""WITH each AS (
    SELECT learner, MIN(actor) AS actor, MAX(person) AS person, COUNT(*) AS statements
    FROM scoped GROUP BY learner
), totals AS (
    SELECT COUNT(DISTINCT learner) AS learners,
           COUNT(DISTINCT CASE WHEN person <> '' THEN learner END) AS matched
    FROM each
)
SELECT '' AS learner, 0 AS statements, learners, matched FROM totals WHERE learners > 0
UNION ALL
SELECT e.actor AS learner, e.statements, t.learners, t.matched
FROM each e CROSS JOIN totals t WHERE e.person = ''
ORDER BY learner
LIMIT {MAX_ROWS + 1}""",
    reading=_reading,
    personal=True,
    definition="A learner is known if an identifier of the people file is one of the actor's.",
)
