"""What is wrong with a module, why, and what to do next."""

from collections.abc import Sequence
from statistics import median

from lrs.analytics.asking import COURSE, MATURE, MODE, MODULE
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import FUNNEL, FUNNEL_RULE

_LOSS, _GONE, _DROP, _POINTS = 0.4, 0.3, 0.5, 0.1
_FIRST, _PEERS, _FEWEST = 2, 3, 20
_LONG, _WORDS, _GRADE, _DISLIKED = 20 * 60_000, 2500, 12, 5000
_WHAT = {
    "title": "few who could click it do: {share:.0%}, where the first modules of other courses get {peers:.0%}",
    "opening": "{share:.0%} of those who click do not stay",
    "finish": "{share:.0%} of those who stay do not finish",
    "promise": "{share:.0%} of those who came did not go on to the next module",
}
_NEXT = {
    "title": "mend title and thumbnail",
    "opening": "shorten it, and open with a story or a question",
    "finish": "add checkpoints, a summary, and a final quiz that means something",
    "promise": "make it keep what its title says, with situations of the learners' own",
}


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    peers = _peers(rows)
    for row in rows:
        row["peer_median"] = None if peers is None else round(peers * SCALE)
        found = _flag(row, peers)
        row["flag"], row["what"] = found
        reasons = _reasons(row) if row["flag"] else []
        row["why"] = "; ".join(why for why, _ in reasons)
        row["next"] = "; ".join([fix for _, fix in reasons] or [_NEXT.get(row["flag"], "")])
        if row["flag"] and not reasons:
            told = any(row[name] is not None for name in ("chapters", "words", "reading_grade"))
            row["why"] = (
                "nothing that is known of it" if told else "not known: see `lrs content import`"
            )
    return sorted(rows, key=lambda row: (not row["flag"], row["course"], row["rank"]))


def _peers(rows: Sequence[Row]) -> float | None:
    """Return the median click rate of the first modules, or None where too few courses tell one."""
    firsts = [row for row in rows if row["rank"] <= _FIRST and row["exposed"] >= _FEWEST]
    if len({row["course"] for row in firsts}) < _PEERS:
        return None
    return float(median(row["clickers"] / row["exposed"] for row in firsts))


def _flag(row: Row, peers: float | None) -> tuple[str, str]:
    """Return the stage that loses most, if it loses much, and what happens there."""
    clicked = row["clickers"] / row["exposed"] if row["exposed"] else 1
    first = row["rank"] <= _FIRST and row["exposed"] >= _FEWEST
    if peers is not None and first and clicked < peers - _POINTS:
        return "title", _WHAT["title"].format(share=clicked, peers=peers)
    losses = {
        "opening": _lost(row["viewers"], row["clickers"]),
        "finish": _lost(row["completers"], row["viewers"]),
        "promise": _left(row),
    }
    worst = max(losses, key=lambda stage: losses[stage])
    if losses[worst] < _LOSS:
        return "", ""
    return worst, _WHAT[worst].format(share=losses[worst])


def _lost(part: int, whole: int) -> float:
    return 1 - part / whole if whole >= _FEWEST else 0.0


def _left(row: Row) -> float:
    """Return the share that did not go on, if it is so many that the module is where they stop (A4)."""
    if row["is_last"] or row["seen"] < _FEWEST:
        return 0.0
    came, went_on = row["seen"] / row["learners"], row["went_on"] / row["seen"]
    return 1 - went_on if went_on <= _GONE or came - went_on >= _DROP else 0.0


def _reasons(row: Row) -> list[tuple[str, str]]:
    """Return (why, what to do) by what is known of the content."""
    found = []
    length, chapters = row["video"], row["chapters"]
    if length is not None and length > _LONG:
        minutes = f"a video of {length / 60_000:.0f} minutes"
        if chapters:
            found.append((minutes, "split it into parts of 10 minutes or less"))
        else:
            found.append((f"{minutes} without a break", "split it at its topics, 10 minutes each"))
    if row["words"] is not None and row["words"] > _WORDS:
        found.append((f"dense: {row['words']:,} words", "break the text up, and cut it"))
    if row["reading_grade"] is not None and row["reading_grade"] > _GRADE:
        found.append(
            (f"hard to read: year {row['reading_grade']} of school", "write shorter sentences")
        )
    if row["examples"] == 0:
        found.append(("no examples", "add situations of the learners' own"))
    if row["rating"] is not None and row["rating"] < _DISLIKED:
        found.append(("rated low", "read what those who rated it wrote"))
    return found


def _reading(rows: Sequence[Row]) -> str:
    flagged = [row for row in rows if row["flag"]]
    if not flagged:
        return "No module loses more of its learners than others do."
    first = flagged[0]
    return f"{len(flagged)} modules lose many; first: {first['what']}. Why: {first['why']}. Next: {first['next']}."


REPORT = Report(
    name="module-hints",
    title="Modules: what, why and what next",
    question="Which modules lose their learners, why, and what should be done?",
    level="prescriptive",
    covers=("A5", "A6", "A7", "A17", "B4", "B10"),
    version=2,
    parameters=(MATURE, MODE),
    columns=(
        COURSE,
        Column("rank", "number", "Place of the module in the course"),
        MODULE,
        Column("flag", "text", "title, opening, finish, promise: the stage that loses most"),
        Column("what", "text", "What happens"),
        Column("why", "text", "What the content facts say to it"),
        Column("next", "text", "What to do; change one thing, and compare in two weeks"),
        Column("exposed", "people", "Persons enrolled or seen in the course"),
        Column("clickers", "people", "Persons who clicked"),
        Column("click_rate", "ratio", "Clickers of exposed", part="clickers", whole="exposed"),
        Column("peer_median", "score", "Median click rate of the first two modules of all courses"),
        Column("viewers", "people", "Persons who viewed"),
        Column("view_rate", "ratio", "Viewers of clickers", part="viewers", whole="clickers"),
        Column("completers", "people", "Persons who completed"),
        Column("finish_rate", "ratio", "Completers of viewers", part="completers", whole="viewers"),
        Column("seen", "people", "Persons seen in it"),
        Column("went_on", "people", "Those who came to the next module later"),
        Column("went_on_rate", "ratio", "Went on of seen", part="went_on", whole="seen"),
        Column("video", "seconds", "Length of its video"),
        Column("chapters", "number", "Chapters of it"),
        Column("words", "number", "Words"),
        Column("reading_grade", "number", "Years of school that the text asks for"),
        Column("examples", "number", "Examples"),
        Column("rating", "score", "Mean rating"),
    ),
    sql=f"""WITH {FUNNEL}, visits AS (
    SELECT learner, course, module, MIN(moment) AS first_at, MAX(moment) AS last_at
    FROM scoped WHERE course <> 0 AND module <> 0 AND roles NOT LIKE '% earn %'
    GROUP BY learner, course, module
), entered AS (
    SELECT learner, course, MIN(first_at) AS began FROM visits GROUP BY learner, course
), observed AS (
    SELECT v.course, v.module, COUNT(*) AS seen, AVG(CAST(v.first_at - e.began AS DOUBLE)) AS typical
    FROM visits v JOIN entered e ON e.learner = v.learner AND e.course = v.course
    GROUP BY v.course, v.module
), facts_of AS (
    SELECT course, module, MAX(length) AS length,
           CAST(ROUND(AVG(CASE WHEN rated = 0 THEN CAST(rating AS DOUBLE) END)) AS BIGINT) AS rating
    FROM scoped WHERE course <> 0 AND module <> 0 GROUP BY course, module
), exposures AS (
    SELECT course, COUNT(*) AS exposed FROM (
        SELECT learner, course, MIN(moment) AS first_at
        FROM scoped WHERE course <> 0 GROUP BY learner, course
    ) begun WHERE first_at <= :now - :mature * 86400000 GROUP BY course
), placed AS (
    SELECT n.course_id, n.module_id, o.course, o.module, o.seen,
           ROW_NUMBER() OVER (
               PARTITION BY o.course
               ORDER BY COALESCE(m.rank, 1000000), o.typical, n.module_id
           ) AS place
    FROM observed o JOIN named n ON n.course = o.course AND n.module = o.module
    LEFT JOIN modules m ON m.course = o.course AND m.module = o.module
), onward AS (
    SELECT p.course, p.module, COUNT(*) AS went_on
    FROM placed p JOIN placed n ON n.course = p.course AND n.place = p.place + 1
    JOIN visits a ON a.course = p.course AND a.module = p.module
    JOIN visits b ON b.course = n.course AND b.module = n.module AND b.learner = a.learner
    WHERE b.last_at > a.first_at
    GROUP BY p.course, p.module
), ends AS (
    SELECT course, MAX(place) AS place FROM placed GROUP BY course
), sizes AS (
    SELECT course, COUNT(*) AS learners FROM entered GROUP BY course
)
SELECT p.course_id AS course, p.place AS rank, p.module_id AS module, e.exposed, s.learners,
       c.clickers, c.viewers, c.completers, p.seen, COALESCE(o.went_on, 0) AS went_on,
       CASE WHEN p.place = l.place THEN 1 ELSE 0 END AS is_last,
       COALESCE(t.video_seconds * 1000, f.length) AS video, t.chapters, t.words, t.reading_grade,
       t.examples, f.rating
FROM placed p
JOIN counted c ON c.course = p.course AND c.module = p.module
JOIN exposures e ON e.course = p.course
JOIN ends l ON l.course = p.course
JOIN sizes s ON s.course = p.course
LEFT JOIN onward o ON o.course = p.course AND o.module = p.module
JOIN facts_of f ON f.course = p.course AND f.module = p.module
LEFT JOIN content t ON t.activity = p.module
ORDER BY course, rank""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "module", "view_rate", series="course"),
    definition=FUNNEL_RULE
    + (
        " title: the first two modules' click rate is 10 points below the median of such modules, of 3 courses or more;"
        " opening, finish: 40 % or more are lost; promise: 30 % or fewer go on to the next module, or 50 points less"
        " than came. Of several the one that loses most. Why: a video over 20 minutes, over 2,500 words, beyond year 12"
        " of school, no examples, or a rating below half, as the content file and statements tell. Fewer than 20"
        " persons raise no flag."
    ),
)
