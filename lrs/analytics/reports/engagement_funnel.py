"""Click, view, completion: the funnel of each course and module."""

from collections.abc import Sequence

from lrs.analytics.asking import CLICKERS, COURSE, MATURE, MODE, MODULE, VIEWERS
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import FUNNEL, FUNNEL_RULE

_ADVICE = {
    "click": "few who come click further: mend titles and thumbnails",
    "view": "few who click stay: shorten it, break up text, add something to do",
    "completion": "few who stay finish: add checkpoints, summaries, a final quiz that means something",
}
_LOSS = 0.4


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        lost = {
            "view": (row["clickers"] - row["viewers"], row["clickers"]),
            "completion": (row["viewers"] - row["completers"], row["viewers"]),
        }
        worst = max(lost, key=lambda stage: (lost[stage][0], stage))
        gone, whole = lost[worst]
        row["worst_stage"] = worst if gone else ""
        row["advice"] = _ADVICE[worst] if whole and gone / whole >= _LOSS else ""
    return rows


def _reading(rows: Sequence[Row]) -> str:
    worst = max(rows, key=lambda row: row["clickers"] - row["completers"])
    return (
        f"{worst['clickers']} persons clicked where most are lost, {worst['viewers']} viewed,"
        f" {worst['completers']} completed; {worst['advice'] or 'no stage loses more than 40 %'}."
    )


REPORT = Report(
    name="engagement-funnel",
    title="Engagement funnel",
    question="Where do we lose learners between click, view and completion?",
    level="diagnostic",
    covers=("A3", "A7", "A8", "A9", "A10", "A15", "A16", "A17", "A30"),
    parameters=(MATURE, MODE),
    columns=(
        COURSE,
        MODULE,
        CLICKERS,
        VIEWERS,
        Column("completers", "people", "Persons who completed"),
        Column("view_rate", "ratio", "Viewers of clickers", part="viewers", whole="clickers"),
        Column("finish_rate", "ratio", "Completers of viewers", part="completers", whole="viewers"),
        Column(
            "completion_rate",
            "ratio",
            "Completers of clickers",
            part="completers",
            whole="clickers",
        ),
        Column("running", "people", "Persons who began too lately to count"),
        Column("views_without_click", "people", "Views that no click led to"),
        Column("completions_without_view", "people", "Completions that no view led to"),
        Column("worst_stage", "text", "Where most are lost"),
        Column("advice", "text", "What to do, if 40 % or more are lost there"),
    ),
    sql=f"""WITH {FUNNEL}
SELECT n.course_id AS course, n.module_id AS module, c.clickers, c.viewers, c.completers, c.running,
       c.views_without_click, c.completions_without_view
FROM counted c JOIN named n ON n.course = c.course AND n.module = c.module
ORDER BY course, module""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "module", "completion_rate", series="course"),
    definition=FUNNEL_RULE,
)
