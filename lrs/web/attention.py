"""What needs attention: the worst flags of several reports, each with its next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from lrs.web.answers import Answer

_MOST = 6


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that somebody should look at; the higher the weight, the sooner."""

    weight: float
    where: str
    what: str
    step: str
    href: str


def concerns(found: Mapping[str, Answer], most: int = _MOST) -> list[Concern]:
    """Return the worst, the worst first."""
    every = [one for name, look in _LOOKS.items() if name in found for one in look(found[name])]
    return sorted(every, key=lambda one: -one.weight)[:most]


def _name(answer: Answer, iri: str) -> str:
    names = {} if answer.table is None else answer.table.names
    return names.get(iri, iri)


def _link(report: str, course: str) -> str:
    return f"/reports/{report}?{urlencode({'course': course})}" if course else f"/reports/{report}"


def _completion(answer: Answer) -> Iterator[Concern]:
    for row in answer.rows:
        rate = row["rate_of_starters"]
        if row["verdict"] != "bad" or rate is None:
            continue
        step = "restructure it" if row["advice"] == "restructure" else "see where they are lost"
        yield Concern(
            _size(row["starters"]) * (1 - rate),
            _name(answer, row["course"]),
            f"{rate:.0%} of {row['starters']} who began have completed, which is bad for its kind",
            step,
            f"/courses?{urlencode({'course': row['course']})}",
        )


def _funnel(answer: Answer) -> Iterator[Concern]:
    for row in answer.rows:
        clickers, completers = row["clickers"], row["completers"]
        if not row["advice"] or not row["module"] or None in (clickers, completers, row["viewers"]):
            continue
        yield Concern(
            _size(clickers) * 0.8 * (clickers - completers) / max(clickers, 1),
            _name(answer, row["module"]),
            f"of {clickers} who clicked, {row['viewers']} stayed and {completers} completed",
            str(row["advice"]).partition(": ")[2] or row["advice"],
            _link("engagement-funnel", row["course"]),
        )


def _items(answer: Answer) -> Iterator[Concern]:
    for row in answer.rows:
        if row["flag"] == "check the key" and row["n"] is not None:
            yield Concern(
                _size(row["n"]),
                _name(answer, row["item"]),
                "those who know less answer it rightly more often",
                "check its key",
                "/reports/items",
            )


def _films(answer: Answer) -> Iterator[Concern]:
    told = set()
    for row in answer.rows:
        if row["flag"] and row["video"] not in told and row["drop"] is not None:
            told.add(row["video"])
            yield Concern(
                _size(row["viewers"]) * row["drop"],
                _name(answer, row["video"]),
                f"{row['drop']:.0%} of {row['viewers']} viewers are gone by second {row['second']}",
                "look at what happens there",
                "/reports/video-exits",
            )


def _returns(answer: Answer) -> Iterator[Concern]:
    for row in answer.rows:
        if row["flag"] and row["clickers"] is not None and row["return_rate"] is not None:
            yield Concern(
                _size(row["clickers"]) * (1 - row["return_rate"]),
                _name(answer, row["module"]),
                f"only {row['return_rate']:.0%} of {row['clickers']} come back for the next module",
                "look for what is too dense or too long",
                _link("module-return", row["course"]),
            )


def _certificates(answer: Answer) -> Iterator[Concern]:
    for row in answer.rows:
        late = sum(_size(row[name]) for name in ("lapsed", "overdue", "revoked"))
        soon = sum(_size(row[name]) for name in ("critical", "due_soon"))
        if not late + soon:
            continue
        parts = [f"{late:.0f} are late"] if late else []
        parts += [f"{soon:.0f} run out within 30 days"] if soon else []
        yield Concern(
            3 * late + soon,
            _name(answer, row["course"]),
            f"of the certificates that must be held {' and '.join(parts)}",
            "remind those who are concerned",
            _link("obligations", row["course"]),
        )


def _notices(answer: Answer) -> Iterator[Concern]:
    for row in answer.rows:
        late = _size(row["learners"]) if not row["version"] else _size(row["told_late"])
        if late:
            yield Concern(
                late,
                _name(answer, row["course"]),
                f"{late:.0f} learners were not told in time what is collected",
                "give a notice, and note it",
                "/ledgers/notice",
            )


def _competency(answer: Answer) -> Iterator[Concern]:
    known = [
        row for row in answer.rows if row["median"] is not None and row["learners"] is not None
    ]
    if len(known) > 1 and known[-1]["median"] > known[-2]["median"]:
        before, last = known[-2:]
        yield Concern(
            _size(last["learners"]),
            f"Cohort {last['cohort']}",
            f"half are competent after {last['median']:.0f} days, {before['median']:.0f} in the cohort before",
            "see which modules of the onboarding help",
            "/reports/onboarding-modules",
        )


def _size(people: int | None) -> float:
    return float(people or 0)


_LOOKS: dict[str, Callable[[Answer], Iterator[Concern]]] = {
    "completion": _completion,
    "engagement-funnel": _funnel,
    "items": _items,
    "video-exits": _films,
    "module-return": _returns,
    "certifications": _certificates,
    "notices": _notices,
    "time-to-competency": _competency,
}
CONTENT = ("completion", "engagement-funnel", "items", "video-exits", "module-return")
"""The reports that tell what is wrong with courses."""
