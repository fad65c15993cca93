"""Charts inside pages: drawn on the server, in the colours of the page, each mark with its numbers as a tooltip."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from lrs.analytics.faces import charts
from lrs.analytics.report import Table

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = {"svg", "g", "path", "text", "line", "rect"}
_ATTRIBUTES = {
    "d", "fill", "fill-opacity", "font-family", "font-size", "font-weight", "opacity", "stroke", "stroke-dasharray",
    "stroke-opacity", "stroke-width", "text-anchor", "transform", "viewBox", "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip
_INK, _LINE = "currentColor", "var(--line)"
_AXIS = {
    "labelColor": _INK,
    "titleColor": _INK,
    "titleFontWeight": "normal",
    "gridColor": _LINE,
    "tickColor": _LINE,
    "domainColor": _LINE,
    "labelFontSize": 12,
    "titleFontSize": 12,
}
_LOOK: dict[str, Any] = {
    "background": None,
    # Browsers' letters are wider than those that it is measured with.
    "padding": 28,
    "view": {"stroke": None},
    "axis": _AXIS,
    "header": {"labelColor": _INK, "titleColor": _INK},
    "legend": {"labelColor": _INK, "titleColor": _INK, "labelFontSize": 12, "orient": "bottom", "columns": 3},
    "mark": {"color": "var(--s0)"},
    "bar": {"color": "var(--s0)"},
    "line": {"color": "var(--s0)", "strokeWidth": 2.5},
    "point": {"color": "var(--s0)", "filled": True, "size": 60},
    "rule": {"color": _INK},
    "range": {"category": [f"var(--s{number})" for number in range(8)]},
}  # fmt: skip

_MOST = 64
_made: OrderedDict[bytes, Markup] = OrderedDict()
_lock = Lock()
"""The latest drawings: to draw one takes longer than to count what it shows."""


def drawn(table: Table, *, label: str) -> Markup:
    """Return a table's chart as an SVG element; "" if the report has none, or there is nothing to draw.

    `label` is what a screen reader says of it: the table beside it holds the numbers. Nothing but shapes, texts and
    tooltips goes into the page: no link, style or script can come along with a name.
    """
    if table.report.chart is None or not table.rows:
        return Markup()
    key = hashlib.sha256(
        repr((table.report.name, label, table.rows, table.names)).encode()
    ).digest()
    with _lock:
        made = _made.get(key)
    if made is None:
        made = _drawn(table, label)
        with _lock:
            _made[key] = made
            while len(_made) > _MOST:
                _made.popitem(last=False)
    return made


def _drawn(table: Table, label: str) -> Markup:
    specification = charts.specification(table)
    del specification["title"]
    specification["config"] = {**specification.get("config", {}), **_LOOK}
    tree = ElementTree.fromstring(charts.vector(specification))  # noqa: S314 our own drawing
    width, height = tree.get("width", "0"), tree.get("height", "0")
    root = _copied(tree)
    root.set("viewBox", f"0 0 {width} {height}")
    root.attrib |= {"class": "drawing", "role": "img", "aria-label": label}
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 made of allowed parts alone


def _copied(element: ElementTree.Element) -> ElementTree.Element:
    """Return the allowed parts of an element; a mark's label becomes its tooltip."""
    made = ElementTree.Element(element.tag.removeprefix(_SVG))
    made.text = element.text
    made.attrib |= {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES}
    if element.get("display") == "none":
        return made
    label = element.get("aria-label")
    if label and element.get("aria-roledescription") not in ("axis", "legend", "title"):
        ElementTree.SubElement(made, "title").text = label
    for child in element:
        if child.tag.removeprefix(_SVG) in _ELEMENTS:
            made.append(_copied(child))
    return made
