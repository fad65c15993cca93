"""Questions that somebody asks, what they lack, and reports that nobody asked for."""

import re
from collections import Counter
from collections.abc import Sequence

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Column, Moment, Parameter, Report, Row

_MOST = 3
_MATCHED = 90
_WORD = re.compile(r"\w+")
_FIELDS = {
    "score": {"score"},
    "success": {"success"},
    "duration": {"duration"},
    "played segments": {"played"},
    "rating": {"rating"},
    "response": {"response"},
    "device": {"device"},
    "revision": {"revision"},
    "people file": {"department", "manager", "location", "person", "start_day"},
    "course file": {"minutes", "target", "class"},
    "module order": {"modules"},
}
"""A field -> the words in a report's SQL that need it."""


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    data = {row["wording"]: row["filled"] for row in rows if not row["asked"]}
    asked = [row for row in rows if row["asked"]]
    crowd = Counter(row["team"] for row in asked if row["closed"] is None)
    found = [_question(row, data, crowd[row["team"]]) for row in asked]
    wanted = {row["report"] for row in asked if row["closed"] is None}
    if moment.parameters["unowned"] == "yes":
        found += [
            _described(dict.fromkeys(("wording", "owner", "team", "source"), ""), name, data)
            | {"status": "unowned", "warning": "nobody has asked for it"}
            for name in catalog()
            if name not in wanted
        ]
    return found


def _question(row: Row, data: Row, crowd: int) -> Row:
    found = _described(row, row["report"], data)
    if row["closed"] is not None:
        found["status"] = "answered"
    elif not row["report"]:
        found["status"] = "no report"
    else:
        found["status"] = "gap" if found["missing"] else "open"
    many = row["closed"] is None and crowd > _MOST
    found["warning"] = f"the team asks {crowd} questions: two or three do more" if many else ""
    return found


def _described(row: Row, name: str, data: Row) -> Row:
    report = catalog().get(name)
    words = set(_WORD.findall(report.sql)) if report else set()
    missing = [
        f"{field} ({data[field]} %)" if data[field] > 0 else field
        for field, named in _FIELDS.items()
        if named & words and data[field] < (_MATCHED if field == "people file" else 1)
    ]
    return {
        **{column: row[column] for column in ("wording", "owner", "team", "source")},
        "report": name,
        "level": report.level if report else "",
        "missing": ", ".join(missing),
    }


def _reading(rows: Sequence[Row]) -> str:
    counts = Counter(row["status"] for row in rows)
    return (
        f"{counts['open'] + counts['gap'] + counts['no report']} questions are open, {counts['gap']} of them lack data;"
        f" {counts['unowned']} reports answer what nobody asked."
    )


REPORT = Report(
    name="questions",
    title="Questions",
    question="What are we asking, and do we have what it takes to answer?",
    level="descriptive",
    covers=("B37", "B45", "B48"),
    parameters=(Parameter("unowned", "yes", "Reports nobody asked for too", ("yes", "no")),),
    organisational=True,
    columns=(
        Column("wording", "text", "The question"),
        Column("owner", "text", "Who sees to it", tells_names=True),
        Column("team", "text", "Whose question it is"),
        Column("report", "text", "The report that answers it: its metric"),
        Column("level", "text", "descriptive, diagnostic, predictive, prescriptive"),
        Column("source", "text", "Where its data come from"),
        Column("missing", "text", "What the report reads and the data lack, or match too little"),
        Column("status", "text", "open, gap, no report, answered, unowned"),
        Column("warning", "text", "More than three open questions of a team"),
    ),
    sql="""WITH filled AS (
    SELECT COUNT(*) AS statements, COUNT(score) AS scores, COUNT(success) AS successes,
           COUNT(duration) AS durations, COUNT(rating) AS ratings,
           COUNT(CASE WHEN response <> '' THEN 1 END) AS responses,
           COUNT(CASE WHEN device <> '' THEN 1 END) AS devices,
           COUNT(CASE WHEN revision <> '' THEN 1 END) AS revisions,
           COUNT(DISTINCT learner) AS learners,
           COUNT(DISTINCT CASE WHEN person <> '' THEN learner END) AS matched
    FROM scoped
), segments AS (
    SELECT COUNT(*) AS segments FROM played
), data AS (
    SELECT 'score' AS field, scores AS n FROM filled
    UNION ALL SELECT 'success', successes FROM filled
    UNION ALL SELECT 'duration', durations FROM filled
    UNION ALL SELECT 'played segments', segments FROM segments
    UNION ALL SELECT 'rating', ratings FROM filled
    UNION ALL SELECT 'response', responses FROM filled
    UNION ALL SELECT 'device', devices FROM filled
    UNION ALL SELECT 'revision', revisions FROM filled
    UNION ALL SELECT 'people file',
        CAST(FLOOR(matched * 100 / CAST(GREATEST(learners, 1) AS DOUBLE)) AS BIGINT) FROM filled
    UNION ALL SELECT 'course file', COUNT(*) FROM planned
    UNION ALL SELECT 'module order', COUNT(*) FROM modules
)
SELECT 1 AS asked, entry, wording, report, owner, team, source, closed, 0 AS filled FROM questions
UNION ALL
SELECT 0 AS asked, field AS entry, field AS wording, '' AS report, '' AS owner, '' AS team,
       '' AS source, CAST(NULL AS INT) AS closed, n AS filled
FROM data
ORDER BY asked, entry""",
    finish=_finish,
    reading=_reading,
    definition=(
        "Missing: a field that the report's SQL reads and no statement tells, or a people file that knows fewer than"
        " 90 % of the learners."
    ),
)
