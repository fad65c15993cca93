"""Hypothesis strategies: every statement that xAPI 1.0.3 and 2.0 allow, drawn up from the standard, not from lrs/xapi.

Texts and lists are short, so that a failing example stays readable.
"""

from __future__ import annotations

import string
from datetime import date
from typing import Any

from hypothesis import strategies as st

from lrs.xapi import JsonObject
from lrs.xapi.version import V1_0_3, V2_0, Version

Strategy = st.SearchStrategy[Any]

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
HEXADECIMAL = "0123456789abcdefABCDEF"

texts = st.text(max_size=8)


def one(of: str) -> Strategy:
    return st.sampled_from(of.split())


def joined(*parts: Strategy) -> Strategy:
    """Strings put together from one string of each strategy."""
    return st.tuples(*parts).map("".join)


def digits(length: int, alphabet: str = HEXADECIMAL) -> Strategy:
    return st.text(alphabet, min_size=length, max_size=length)


def maybe(part: Strategy) -> Strategy:
    return st.just("") | part


def lists(of: Strategy, *, least: int = 0) -> Strategy:
    return st.lists(of, min_size=least, max_size=least + 2)


def objects(required: dict[str, Strategy], **optional: Strategy) -> Strategy:
    return st.fixed_dictionaries(required, optional=optional)


# Letters and signs that RFC 3987 lets stand unescaped, in scripts that read in both directions.
_iri_signs = st.sampled_from(
    string.ascii_letters + string.digits + "-._~:/?#[]@!$&'()*+,;=%" + "éßøñΩжש中あ가ü🎓"
)
iris = joined(
    one(
        "http://example.org/ https://例え.jp/ https://user@host_name:8080/a? urn:uuid: tag:x,2026: a+b-c.d: HTTP://X/#"
    ),
    st.text(_iri_signs, min_size=1, max_size=6),
)
uuids = st.lists(digits(4), min_size=8, max_size=8).map(
    lambda quads: "-".join([quads[0] + quads[1], *quads[2:5], "".join(quads[5:])])
)

_days = st.dates(date(2, 1, 1), date(9998, 12, 31))
_fractions = maybe(joined(one(". ,"), st.text(string.digits, min_size=1, max_size=9)))
_hours, _sixties = (st.integers(0, top).map("{:02}".format) for top in (23, 59))
_seconds = _sixties | st.just("60")


def _zones(colon: str) -> Strategy:
    return joined(st.just("+"), _hours, maybe(joined(st.just(colon), _sixties))) | joined(
        st.just("-"),
        st.integers(1, 23).map("{:02}".format),
        maybe(joined(st.just(colon), _sixties)),
    )


def _clocks(colon: str) -> Strategy:
    later = joined(st.just(colon), _sixties, maybe(joined(st.just(colon), _seconds)))
    midnight = st.sampled_from(["24", f"24{colon}00", f"24{colon}00{colon}00"])
    return joined(_hours, maybe(later), _fractions) | midnight


def _times(dash: str, colon: str) -> Strategy:
    days = _days.map(lambda day: f"{day.year:04}{dash}{day.month:02}{dash}{day.day:02}")
    half_an_hour_behind = st.just(f"-00{colon}30")
    return joined(
        days,
        one("T T T t"),
        _clocks(colon),
        one("Z Z z") | st.just("") | _zones(colon) | half_an_hour_behind,
    )


_zone = one("Z Z z") | joined(one("+ -"), st.just("05"), st.just(":"), _sixties)
_second = joined(_hours, st.just(":"), _sixties, st.just(":"), _seconds)
_part = maybe(joined(st.just("."), st.text(string.digits, min_size=1, max_size=9)))
timestamps = {
    V1_0_3: _times("-", ":") | _times("", ""),
    V2_0: joined(_days.map(str), one("T T T t"), _second, _part, _zone),
}
"""By the version of the statement that they stand in."""

_counts = st.integers(0, 9999).map(str)
_last = joined(_counts, _fractions)


def _some(units: str) -> Strategy:
    """Durations' components in order, the last one of which may have a fraction."""
    return st.sets(st.sampled_from(units), min_size=1).flatmap(
        lambda chosen: joined(
            *(
                joined(_last if unit == max(chosen, key=units.index) else _counts, st.just(unit))
                for unit in units
                if unit in chosen
            )
        )
    )


def _whole(units: str) -> Strategy:
    return joined(*(maybe(joined(_counts, st.just(unit))) for unit in units))


durations = st.one_of(
    joined(st.just("P"), _last, st.just("W")),
    joined(st.just("P"), _some("YMD")),
    joined(st.just("P"), _whole("YMD"), st.just("T"), _some("HMS")),
)

_primary = one("en de fr zh ase nb tlh EN zh-yue zh-cmn aaaa abcdefgh")
_private = one("x-a x-whatever-1 X-y-12345678")
language_tags = st.one_of(
    _primary,
    joined(
        _primary,
        maybe(one("-Latn -Hant -cyrl")),
        maybe(one("-US -gb -419 -001")),
        maybe(one("-1996 -rozaj -1694acad -rozaj-biske")),
        maybe(one("-u-co-phonebk -a-bbb -t-en-k0-gboard")),
        maybe(joined(st.just("-"), _private)),
    ),
    _private,
    one("i-klingon i-default en-GB-oed sgn-BE-FR sgn-CH-DE"),
)
language_maps = st.dictionaries(language_tags, texts, max_size=2)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: (
        lists(inner) | st.dictionaries(texts | one("a.b $set __proto__"), inner, max_size=2)
    ),
    max_leaves=4,
)
extensions = st.dictionaries(iris, json_values, max_size=2)

mboxes = joined(
    st.just("mailto:"),
    st.text(
        string.ascii_letters + string.digits + "!#$%&'*+-/=^_`{|}~.é中", min_size=1, max_size=6
    ).filter(lambda local: not local.startswith("/")),
    one("@example.org @Example.ORG @sub.example.org @localhost @bücher.example @[192.0.2.1]"),
)
accounts = objects({"homePage": iris, "name": texts})
identifiers = st.one_of(
    objects({"mbox": mboxes}),
    objects({"mbox_sha1sum": digits(40)}),
    objects({"openid": iris}),
    objects({"account": accounts}),
)


def merged(*parts: Strategy) -> Strategy:
    return st.tuples(*parts).map(lambda held: {key: part[key] for part in held for key in part})


_agent_type = st.just("Agent")
agents = merged(objects({}, objectType=_agent_type, name=texts), identifiers)
typed_agents = merged(objects({"objectType": _agent_type}, name=texts), identifiers)
_group_type = {"objectType": st.just("Group")}
anonymous_groups = objects({**_group_type, "member": lists(agents, least=1)}, name=texts)
identified_groups = merged(objects(_group_type, name=texts, member=lists(agents)), identifiers)
groups = anonymous_groups | identified_groups
actors = agents | groups
authorities = agents | objects({**_group_type, "member": st.lists(agents, min_size=2, max_size=2)})

verbs = objects({"id": iris}, display=language_maps)

components = st.lists(
    objects({"id": texts}, description=language_maps), max_size=3, unique_by=lambda item: item["id"]
)
COMPONENTS = {
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}
_responses = lists(
    texts
    | st.sampled_from(
        ["true", "golf[,]tetris", "{case_matters=true}{lang=en}x", "1[:]5", "a[.]b[,]c[.]d"]
    )
)
_descriptive = {
    "name": language_maps,
    "description": language_maps,
    "type": iris,
    "moreInfo": iris,
    "extensions": extensions,
}
definitions = st.one_of(
    objects({}, **_descriptive),
    *(
        objects(
            {"interactionType": st.just(kind)},
            correctResponsesPattern=_responses,
            **dict.fromkeys(names, components),
            **_descriptive,
        )
        for kind, names in COMPONENTS.items()
    ),
)
activities = objects({"id": iris}, objectType=st.just("Activity"), definition=definitions)
references = objects({"objectType": st.just("StatementRef"), "id": uuids})

_finite = st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6)


@st.composite
def scores(draw: st.DrawFn) -> JsonObject:
    """Draw any choice of scaled, raw, min and max that goes together."""
    low, raw, high = sorted(draw(st.lists(_finite, min_size=3, max_size=3)))
    held = {
        "scaled": draw(st.floats(-1, 1) | st.integers(-1, 1)),
        "raw": raw,
        "min": low,
        "max": high,
    }
    if low == high:
        del held["min"]
    return {name: held[name] for name in draw(st.lists(st.sampled_from(list(held)), unique=True))}


results = objects(
    {},
    score=scores(),
    success=st.booleans(),
    completion=st.booleans(),
    response=texts,
    duration=durations,
    extensions=extensions,
)

media_types = one(
    "text/plain image/svg+xml application/octet-stream application/vnd.a.b-c_d"
) | st.sampled_from(
    ["text/plain; charset=utf-8", 'text/html;charset="UTF-8"', "multipart/x ; boundary=a"]
)
attachments = objects(
    {
        "usageType": iris,
        "display": language_maps,
        "contentType": media_types,
        "length": st.integers(0, 2**40),
        "sha2": st.sampled_from([56, 64, 96, 128]).flatmap(digits),
        "fileUrl": iris,
    },
    description=language_maps,
)

_relevant = {"relevantTypes": lists(iris, least=1)}
context_agents = lists(
    objects({"objectType": st.just("contextAgent"), "agent": agents}, **_relevant)
)
context_groups = lists(
    objects({"objectType": st.just("contextGroup"), "group": groups}, **_relevant)
)
_some_activities = activities | lists(activities)
context_activities = objects(
    {},
    parent=_some_activities,
    grouping=_some_activities,
    category=_some_activities,
    other=_some_activities,
)


def contexts(version: Version, *, of_activity: bool) -> Strategy:
    """Contexts of statements whose object is an Activity, or is none."""
    parts = {
        "registration": uuids,
        "instructor": actors,
        "team": groups,
        "contextActivities": context_activities,
        "language": language_tags,
        "statement": references,
        "extensions": extensions,
    }
    if of_activity:
        parts |= {"revision": texts, "platform": texts}
    if version is V2_0:
        parts |= {"contextAgents": context_agents, "contextGroups": context_groups}
    return objects({}, **parts)


def statements(version: Version) -> Strategy:
    """Statements of every kind, with or without what the LRS sets itself."""
    own = ["1.0", "1.0.0", "1.0.3", "1.0.17", *(["2.0", "2.0.0"] if version is V2_0 else [])]
    set_by_lrs = objects(
        {},
        id=uuids,
        stored=timestamps[version],
        authority=authorities,
        version=st.sampled_from(own),
    )
    inner = [
        merged(objects({"objectType": st.just("SubStatement")}), about)
        for about in _about_every_object(version)
    ]
    nesting = _about(st.one_of(inner), version)
    voiding = merged(
        _about(references, version), objects({"verb": objects({"id": st.just(VOIDED)})})
    )
    return merged(
        st.one_of(*_about_every_object(version), nesting, voiding),
        set_by_lrs,
    )


def _about_every_object(version: Version) -> list[Strategy]:
    return [
        _about(kind, version, of_activity=kind is activities)
        for kind in (activities, typed_agents, groups, references)
    ]


def _about(target: Strategy, version: Version, *, of_activity: bool = False) -> Strategy:
    return objects(
        {"actor": actors, "verb": verbs, "object": target},
        result=results,
        context=contexts(version, of_activity=of_activity),
        timestamp=timestamps[version],
        attachments=lists(attachments),
    )
