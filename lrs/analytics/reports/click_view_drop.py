"""The module that loses most between click and view."""

from collections.abc import Sequence

from lrs.analytics.asking import CLICKERS, COURSE, MATURE, MODE, MODULE, VIEWERS
from lrs.analytics.report import Chart, Column, Report, Row
from lrs.analytics.sql.fragments import FUNNEL, FUNNEL_RULE


def _reading(rows: Sequence[Row]) -> str:
    first = rows[0]
    return (
        f"Start here: of {first['clickers']} persons who clicked, {first['lost']} did not stay."
        " Shorten it, add a question or change the opening; change one thing, and compare in two weeks."
    )


REPORT = Report(
    name="click-view-drop",
    title="Biggest drop from click to view",
    question="In which module do most learners click and not stay?",
    level="diagnostic",
    covers=("A31", "A32"),
    parameters=(MATURE, MODE),
    columns=(
        COURSE,
        MODULE,
        CLICKERS,
        VIEWERS,
        Column("lost", "people", "Persons who clicked and did not view"),
        Column("lost_rate", "ratio", "Lost of clickers", part="lost", whole="clickers"),
    ),
    sql=f"""WITH {FUNNEL}
SELECT n.course_id AS course, n.module_id AS module, c.clickers, c.viewers,
       c.clickers - c.viewers AS lost
FROM counted c JOIN named n ON n.course = c.course AND n.module = c.module
WHERE c.module <> 0
ORDER BY lost DESC, c.clickers DESC, course, module""",
    reading=_reading,
    chart=Chart("bar", "module", "lost_rate"),
    definition=FUNNEL_RULE,
)
