"""What became of those for whom something was done."""

from collections.abc import Sequence
from statistics import median

from lrs.analytics.report import Column, Moment, Parameter, Report, Row


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["rule"], row["action"]), []).append(row)
    within = moment.parameters["within"]
    return [
        {"rule": rule, "action": action, **_outcome(found, moment.today - within)}
        for (rule, action), found in groups.items()
    ]


def _outcome(rows: list[Row], matured: int) -> Row:
    mature = [row for row in rows if row["day"] <= matured]
    back = [row["back"] - row["day"] for row in mature if row["back"] is not None]
    return {
        "taken": len(rows),
        "learners": len({row["learner"] for row in rows}),
        "mature": len({row["learner"] for row in mature}),
        "returned": len({row["learner"] for row in mature if row["back"] is not None}),
        "finished": len({row["learner"] for row in mature if row["finished"] is not None}),
        "days_to_return": median(back) if back else None,
    }


def _reading(rows: Sequence[Row]) -> str:
    mature = sum(row["mature"] or 0 for row in rows)
    returned = sum(row["returned"] or 0 for row in rows)
    return (
        f"Of {mature} learners for whom something was done {returned} came back in time;"
        " some would have come by themselves."
    )


REPORT = Report(
    name="actions",
    title="Actions and what came of them",
    question="Are we helping those for whom we do something?",
    level="prescriptive",
    covers=("B12", "B44"),
    version=2,
    parameters=(Parameter("within", 14, "Days in which a learner should come back"),),
    organisational=True,
    columns=(
        Column("rule", "text", "The rule, or by hand"),
        Column("action", "text", "What was done"),
        Column("taken", "count", "Times"),
        Column("learners", "people", "For how many learners"),
        Column("mature", "people", "Those whose days to come back are over"),
        Column("returned", "people", "Those of them who came back to the course in time"),
        Column("return_rate", "ratio", "Returned of mature", part="returned", whole="mature"),
        Column("finished", "people", "Those who completed the course in time"),
        Column("finish_rate", "ratio", "Finished of mature", part="finished", whole="mature"),
        Column("days_to_return", "days", "Median days to the return of those who returned"),
    ),
    sql="""WITH taken AS (
    SELECT entry, rule, action, learner_id, place, day FROM actions WHERE learner_id <> ''
), followed AS (
    SELECT t.entry, MIN(s.day) AS back,
           MIN(CASE WHEN s.course_done = 1 THEN s.day END) AS finished
    FROM taken t JOIN scoped s ON s.actor = t.learner_id AND s.course = t.place
    WHERE s.day > t.day AND s.day <= t.day + :within AND s.stage <> 'withdraw'
    GROUP BY t.entry
)
SELECT t.rule, t.action, t.learner_id AS learner, t.day, f.back, f.finished
FROM taken t LEFT JOIN followed f ON f.entry = t.entry
ORDER BY t.rule, t.action, t.day, t.entry""",
    finish=_finish,
    reading=_reading,
    definition=(
        "Returned: any statement in the course from the day after the action on. Coming back goes together with the"
        " action; that it is its effect only a group left alone would show."
    ),
)
