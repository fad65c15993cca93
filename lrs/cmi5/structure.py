"""From cmi5.xml to course structure data, and every rule on the way. Spec: cmi5 13.0.

The structure is JSON: {"id", "title", "description", "objectives": [{"id", "title", "description"}], "children"};
a child is {"type": "block", "id", "title", "description", "objectives": [id], "children"} or {"type": "au", "id",
"title", "description", "objectives": [id], "url", "moveOn", "launchMethod"} with "masteryScore" (ratio 0..1),
"activityType", "launchParameters" and "entitlementKey" if they are given. A title is [{"lang", "text"}].
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from decimal import Decimal

from lrs.cmi5.terms import LAUNCH_METHODS, MOVE_ON_VALUES, NAMESPACE
from lrs.cmi5.violations import Fault
from lrs.cmi5.xml import XML_RULE, Node
from lrs.xapi import JsonObject
from lrs.xapi.terms import is_iri

IRI_RULE = "3.0.0.0-1"
_UNIQUE = {"block": "13.1.2.0-1", "objective": "13.1.3.0-1", "au": "13.1.4.0-1"}
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_MAX_DECIMALS = 4
_ORDER = {
    "courseStructure": ("course", "objectives?", "au|block+"),
    "course": ("title", "description"),
    "block": ("title", "description", "objectives?", "au|block+"),
    "au": (
        "title",
        "description",
        "objectives?",
        "url",
        "launchParameters?",
        "entitlementKey?",
    ),
}
"""Element -> its children in their order; "?" for one that may be missing, "+" for one or more of several."""
_ATTRIBUTES = {
    "course": {"id"},
    "block": {"id"},
    "objective": {"id"},
    "au": {"id", "moveOn", "masteryScore", "launchMethod", "activityType"},
}


class Reader:
    """Reads one structure, and notes every fault instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.lines: list[int] = []
        """The line of each AU's url, in the order of aus_of."""
        self._seen: dict[str, dict[str, int]] = {kind: {} for kind in _UNIQUE}
        self._references: list[tuple[str, int]] = []

    def read(self, root: Node) -> JsonObject:
        """Return the course structure; of no use if there are faults."""
        if (root.space, root.name) != (NAMESPACE, "courseStructure"):
            self._fault(
                XML_RULE, f"The root element is not courseStructure in {NAMESPACE}.", root.line
            )
            return {}
        self._known(root, frozenset())
        parts = self._parts(root)
        course = parts.get("course", [])
        structure = self._described(course[0], "course") if course else {}
        structure["objectives"] = [
            self._objective(one) for held in parts.get("objectives", []) for one in self._all(held)
        ]
        structure["children"] = [self._child(one) for one in parts.get("au|block", [])]
        for reference, line in self._references:
            if reference not in self._seen["objective"]:
                self._fault("13.1.3", f"No objective of the course has the id {reference}.", line)
        return structure

    def _child(self, node: Node) -> JsonObject:
        return self._au(node) if node.name == "au" else self._block(node)

    def _block(self, node: Node) -> JsonObject:
        block = {"type": "block", **self._described(node, "block")}
        parts = self._parts(node)
        block["objectives"] = self._objectives(parts)
        block["children"] = [self._child(one) for one in parts.get("au|block", [])]
        return block

    def _au(self, node: Node) -> JsonObject:
        au = {"type": "au", **self._described(node, "au")}
        parts = self._parts(node)
        au["objectives"] = self._objectives(parts)
        for name in ("url", "launchParameters", "entitlementKey"):
            for one in parts.get(name, []):
                au[name] = one.text
                self._simple(one, frozenset())
        self.lines.append(parts["url"][0].line if "url" in parts else node.line)
        if not au.setdefault("url", "") and "url" in parts:
            self._fault(XML_RULE, "The url of an AU is empty.", parts["url"][0].line)
        au["moveOn"] = self._choice(node, "moveOn", MOVE_ON_VALUES)
        au["launchMethod"] = self._choice(node, "launchMethod", LAUNCH_METHODS)
        score = self._mastery_score(node)
        if score is not None:
            au["masteryScore"] = score
        if node.attributes.get("activityType"):
            au["activityType"] = node.attributes["activityType"]
        return au

    def _described(self, node: Node, kind: str) -> JsonObject:
        """Return id, title and description of a course, block, AU or objective."""
        self._known(node, _ATTRIBUTES[kind])
        iri = node.attributes.get("id")
        if iri is None:
            self._fault(XML_RULE, f"The {kind} has no id.", node.line)
        elif not is_iri(iri):
            self._fault(IRI_RULE, f"The id of the {kind} is not a fully qualified IRI.", node.line)
        elif kind in self._seen:
            if iri in self._seen[kind]:
                first = self._seen[kind][iri]
                self._fault(
                    _UNIQUE[kind],
                    f"The id of the {kind} is that of another {kind}, in line {first}.",
                    node.line,
                )
            self._seen[kind].setdefault(iri, node.line)
        texts = {
            name: [
                text
                for one in node.within(NAMESPACE)
                if one.name == name
                for text in self._texts(one)
            ]
            for name in ("title", "description")
        }
        return {"id": iri or "", **texts}

    def _objective(self, node: Node) -> JsonObject:
        if node.name != "objective":
            self._unexpected(node, "objectives")
            return {}
        names = [child.name for child in node.within(NAMESPACE)]
        if sorted(names) != ["description", "title"]:
            self._fault(XML_RULE, "An objective has one title and one description.", node.line)
        return self._described(node, "objective")

    def _objectives(self, parts: dict[str, list[Node]]) -> list[str]:
        references = []
        for held in parts.get("objectives", []):
            for one in self._all(held):
                if one.name != "objective":
                    self._unexpected(one, "objectives")
                elif "idref" in one.attributes:
                    references.append(one.attributes["idref"])
                    self._references.append((one.attributes["idref"], one.line))
        return references

    def _all(self, node: Node) -> Iterator[Node]:
        """Yield the children of an element that must not be empty."""
        children = list(node.within(NAMESPACE))
        if not children:
            self._fault(XML_RULE, f"The {node.name} element is empty.", node.line)
        yield from children

    def _texts(self, node: Node) -> Iterator[JsonObject]:
        self._no_text(node)
        self._known(node, frozenset())
        for child in node.children:
            if child.space != NAMESPACE:
                self._unexpected(child, node.name)
        for one in self._all(node):
            if one.name != "langstring":
                self._unexpected(one, node.name)
                continue
            language = one.attributes.get("lang")
            if language is not None and _LANGUAGE.fullmatch(language) is None:
                self._fault(XML_RULE, "The lang of a langstring is not a language tag.", one.line)
            self._simple(one, frozenset({"lang"}))
            yield {"lang": language, "text": one.text}

    def _parts(self, node: Node) -> dict[str, list[Node]]:
        """Return name -> children, having checked their order and number. Spec: CourseStructure.xsd."""
        parts: dict[str, list[Node]] = {}
        rules = _ORDER[node.name]
        position = 0
        self._no_text(node)
        vendors: list[Node] = []
        for child in node.children:
            if child.space not in (NAMESPACE, ""):
                vendors.append(child)
                continue
            if vendors:
                self._unexpected(vendors.pop(), node.name)
            place = next(
                (
                    index
                    for index in range(position, len(rules))
                    if child.space and child.name in _bare(rules[index]).split("|")
                ),
                None,
            )
            if place is None:
                self._unexpected(child, node.name)
                continue
            position = place if rules[place].endswith("+") else place + 1
            parts.setdefault(_bare(rules[place]), []).append(child)
        for rule in rules:
            if not rule.endswith("?") and _bare(rule) not in parts:
                what = "neither au nor block" if "|" in rule else f"no {rule} in its place"
                self._fault(XML_RULE, f"The {node.name} element has {what}.", node.line)
        for course in parts.get("course", []):
            self._parts(course)
        return parts

    def _simple(self, node: Node, attributes: Set[str]) -> None:
        """Check an element that holds text alone."""
        self._known(node, attributes)
        for child in node.children:
            self._unexpected(child, node.name)

    def _known(self, node: Node, attributes: Set[str]) -> None:
        for name in sorted(node.attributes.keys() - attributes):
            what = f"The {node.name} has an attribute {name}, which is unknown."
            self._fault(XML_RULE, what, node.line)

    def _no_text(self, node: Node) -> None:
        if node.text:
            self._fault(XML_RULE, f"The {node.name} element holds text of its own.", node.line)

    def _choice(self, node: Node, name: str, values: tuple[str, ...]) -> str:
        value = node.attributes.get(name, values[0])
        if value not in values:
            self._fault(XML_RULE, f"The {name} of an AU is one of {', '.join(values)}.", node.line)
        return value

    def _mastery_score(self, node: Node) -> float | None:
        text = node.attributes.get("masteryScore")
        if text is None:
            return None
        if _DECIMAL.fullmatch(text) is None or not 0 <= Decimal(text) <= 1:
            self._fault(
                XML_RULE, "The masteryScore of an AU is a decimal number from 0 to 1.", node.line
            )
            return None
        if len(text.partition(".")[2].rstrip("0")) > _MAX_DECIMALS:
            self._fault(
                "13.1.4",
                f"The masteryScore of an AU has at most {_MAX_DECIMALS} decimals.",
                node.line,
            )
        return float(text)

    def _unexpected(self, node: Node, parent: str) -> None:
        self._fault(
            XML_RULE, f"In {parent}, {node.name} is not expected here or is there twice.", node.line
        )

    def _fault(self, requirement: str, message: str, line: int) -> None:
        self.faults.append(Fault(requirement, message, line))


def _bare(rule: str) -> str:
    return rule.rstrip("?+")


def aus_of(parent: JsonObject) -> Iterator[JsonObject]:
    """Yield the AUs of a course or block, in the order of the structure: an AU's index is its place here."""
    for child in parent["children"]:
        if child["type"] == "au":
            yield child
        else:
            yield from aus_of(child)


def blocks_of(parent: JsonObject) -> Iterator[JsonObject]:
    """Yield the blocks of a course or block, outer ones first."""
    for child in parent["children"]:
        if child["type"] == "block":
            yield child
            yield from blocks_of(child)
