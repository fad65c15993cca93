"""What was published and changed, when, and by whom."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Parameter, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    unmet = sum(not row["learners"] for row in rows)
    return (
        f"{len(rows)} times content was published or changed, {unmet} of them met by nobody since;"
        " see in `changes` which of the others helped."
    )


REPORT = Report(
    name="content-changes",
    title="Content life cycle",
    question="What was published or changed, and when?",
    level="descriptive",
    covers=("C16",),
    personal=True,
    ranked_by=("day", "content", "event"),
    parameters=(Parameter("last", 365, "Days back"),),
    columns=(
        Column("day", "day", "When"),
        Column("content", "activity", "What"),
        Column("event", "text", "content.published or content.updated"),
        Column("change_type", "text", "What kind of change, as told"),
        Column("author", "agent", "Who"),
        Column("learners", "people", "Persons who met it since"),
    ),
    sql="""WITH marks AS (
    SELECT id, day, moment, activity, activity_id, event, label, actor FROM scoped
    WHERE event IN ('content.published', 'content.updated') AND day >= :today - :last
), met AS (
    SELECT m.id, COUNT(DISTINCT s.learner) AS learners
    FROM marks m JOIN scoped s ON s.activity = m.activity
    WHERE s.moment > m.moment AND s.roles NOT LIKE '% operate %' GROUP BY m.id
)
SELECT m.day, m.activity_id AS content, m.event, m.label AS change_type, m.actor AS author,
       COALESCE(t.learners, 0) AS learners
FROM marks m LEFT JOIN met t ON t.id = m.id
ORDER BY m.day DESC, m.activity_id, m.event, m.id""",
    reading=_reading,
    definition="Of statements that were events of the taxonomy. The report changes compares before and after.",
)
