"""What to send first: the calls that a report without data waits for, to be copied and pasted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from lrs.web.sample_files import COURSE, Files, certificates, commands, newcomers, outcomes, people
from lrs.web.sample_stories import (
    ALIKE,
    BOUGHT,
    HANDED_IN,
    LIVE,
    RATED,
    SAT,
    UPDATED,
    WELCOMED,
    Sent,
    answers,
    anything,
    assigned,
    attempts,
    completions,
    events_of,
    film,
    flagged,
    gone,
    modules,
    passed,
    revised,
    unit,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """Calls to begin with, and in words what they tell. Statements and events tell of days before today."""

    about: str
    statements: Callable[[], Sent] = lambda: ()
    events: Callable[[], Sent] = lambda: ()
    files: Callable[[], Files] = lambda: ()
    commands: Callable[[], tuple[str, ...]] = lambda: ()
    """Run after all that."""

    def call(self, endpoint: str) -> str:
        """Return the calls to copy and paste into a shell."""
        parts = [f"lrs {name} import - <<'END'\n{text}\nEND" for name, text in self.files()]
        for path, sent in (("xapi/statements", self.statements()), ("events", self.events())):
            if sent:
                parts.append(_posted(f"{endpoint}/{path}", sent))
        return "\n".join((*parts, *self.commands()))


def _posted(url: str, sent: Sent) -> str:
    lines = ",\n".join(json.dumps(one) for one in sent)
    return (
        "curl -u KEY:SECRET -H 'X-Experience-API-Version: 1.0.3' -H 'Content-Type: application/json' \\\n"
        f" {url} -d '[{lines}]'"
    )


_COURSE_FILE = "a course file with what must be renewed and who must, a people file, and statements of these people"
_AT_WORK = (
    "outcomes at work, such as errors, before and after a course, with a people file and who completed it; it shows"
    " counts at once, and effects from some 30 persons on, both of those who completed and of others"
)

_STATEMENTS: dict[Sample, str] = {
    Sample("any statement about a course", anything): "",
    Sample("that learners begin and complete modules of a course", modules): (
        "abandonment click-view-drop completion-time module-time engagement-funnel module-flow module-return"
        " peers trend view-dwell at-risk one-sitting companions engagement-quadrant"
    ),
    Sample("results of assessments, and of the same people again some weeks later", attempts): (
        "assessments retention learner-progress companions engagement-quadrant pass-rates retries"
    ),
    Sample("who cancels a course, and why", gone): "cancellations",
    Sample("the answers to single questions, with their choices", answers): (
        "items distractors content-before"
    ),
    Sample("what was played of a video, as the xAPI Video Profile says it", film): (
        "video-exits video-muted video-retention video-seeks video-summary"
    ),
    Sample(
        "what was played of a video, and what was done elsewhere in its course",
        lambda: [*film(), *modules()],
    ): "early-quitters",
    Sample("that ten learners or more hand in two assignments", assigned): "first-assignments",
    Sample("which revision of the content statements are about", revised): "revisions",
    Sample(
        "statements of cmi5 courses, such as those launched from the page cmi5", unit
    ): "cmi5-progress",
}
_EVENTS: dict[Sample, str] = {
    Sample("events of assignments: handed in, graded", events=events_of(*HANDED_IN)): "grading",
    Sample("plagiarism flags and accreditation milestones", events=events_of(*ALIKE)): "integrity",
    Sample("who joined and left live classes", events=events_of(*LIVE)): "live-classes",
    Sample("who began and ended the onboarding", events=events_of(*WELCOMED)): "activation",
    Sample("study sessions: begun, ended", events=events_of(*SAT)): "study-sessions",
    Sample("that content was published or updated", events=events_of(*UPDATED)): "content-changes",
    Sample("purchases of courses", events=events_of(*BOUGHT)): "sales",
    Sample("ratings of courses", events=events_of(*RATED)): "reviews liked-learned",
}
_FILES: dict[Sample, str] = {
    Sample(_COURSE_FILE, attempts, files=certificates): ("audit-pack critical-roles"),
    Sample("a people file, and statements of the people in it", anything, files=people): (
        "people-match slices"
    ),
    Sample(
        "a people file with the day on which each began, and statements since then",
        anything,
        files=newcomers,
    ): "time-to-competency",
    Sample(_COURSE_FILE, passed, files=certificates): (
        "certifications certificate-calendar obligations recertification"
    ),
    Sample(
        "a course file with its modules, and learners who are on their way",
        modules,
        files=certificates,
    ): ("next-steps module-hints"),
    Sample(_AT_WORK, completions, files=outcomes): (
        "certificate-value outcome-change outcome-modules outcomes-match violation-rates onboarding-minutes"
        " onboarding-modules"
    ),
}
_ACTED = commands(
    f"lrs action add reminder --place {COURSE} --learner anna@example.org --at {{day}}"
)
_CHANGED = commands(f"lrs change add {COURSE} --what 'a shorter opening' --at {{day}}")
_LEDGERS: dict[Sample, str] = {
    Sample("changes that somebody has made and written down", modules, commands=_CHANGED): (
        "changes change-speed"
    ),
    Sample("what was done for learners, by a rule or by hand", modules, commands=_ACTED): "actions",
    Sample("learners who have gone, of whom some were asked", modules, commands=_ACTED): (
        "lead-time"
    ),
    Sample(
        "a subscription to a report",
        commands=commands("lrs subscription add completion --to kim@example.org"),
    ): "deliveries",
    Sample(
        "what persons ask about their data",
        commands=commands("lrs request add anna@example.org --kind access"),
    ): "requests",
    Sample(
        "what other reports flag, written down once a day; here thirty learners leave a module",
        flagged,
        commands=commands("lrs flag collect"),
    ): "unactioned",
}
_SAMPLES = {
    name: sample
    for groups in (_STATEMENTS, _EVENTS, _FILES, _LEDGERS)
    for sample, names in groups.items()
    for name in names.split()
}
_FIRST = next(iter(_STATEMENTS))


def sample_for(report: str) -> Sample:
    """Return what to send first for a report."""
    return _SAMPLES.get(report, _FIRST)
