"""Charts of answered reports: Vega-Lite by Altair, drawn as SVG or PNG without a browser."""

from __future__ import annotations

import re
from typing import Any, Literal

from lrs.analytics.faces.render import NOTHING, shown
from lrs.analytics.report import Chart, Column, Table, last_part
from lrs.errors import NotFound

_MOST = 400
"""Marks that one picture can show."""
_WHOLE = "as a whole"
"""What is not about a part, such as a module, but about what the part is of."""
_QUANTITIES = ("count", "people", "ratio", "score", "seconds", "days", "number")
_PERCENT = ("ratio", "score")
_NO_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def specification(table: Table) -> dict[str, Any]:
    """Return the Vega-Lite specification of a table's chart.

    Raises: NotFound (404) if the report has none.
    """
    import altair as alt  # noqa: PLC0415 heavy; only charts need it

    chart = table.report.chart
    if chart is None:
        raise NotFound("This report has no chart.", code="chart-none", allowed="its table")
    columns = {column.name: column for column in table.columns}
    picture = alt.Chart(alt.InlineData(values=_values(table, chart, columns)))
    drawn: Any = _marked(picture, chart).encode(**_channels(alt, chart, columns))
    lies = _lies(chart, columns)
    if f"{chart.y}_low" in columns and chart.kind in ("bar", "point", "line"):
        along, across = ("y", "x") if lies else ("x", "y")
        low = (alt.X if lies else alt.Y)(f"{chart.y}_low:Q")
        offset = {f"{along}Offset": f"{chart.series}:N"}
        drawn += picture.mark_rule(opacity=0.6).encode(
            **{
                along: _axis(alt.Y if lies else alt.X, columns[chart.x]),
                across: low,
                f"{across}2": f"{chart.y}_high:Q",
                **(offset if chart.series and chart.kind == "bar" and not lies else {}),
            }
        )
    drawn = drawn.properties(width=560, height=alt.Step(24) if lies else 280)
    if chart.facet:
        drawn = drawn.properties(width=320, height=160).facet(
            alt.Facet(f"{chart.facet}:N"), columns=2
        )
    whole: dict[str, Any] = _clean(drawn.properties(title=table.report.title).to_dict())
    return whole


def _clean(part: Any) -> Any:
    """Return a part of a specification without signs that XML does not have: on those the library ends the process."""
    if isinstance(part, str):
        return _NO_XML.sub("\ufffd", part)
    if isinstance(part, dict):
        return {_clean(name): _clean(value) for name, value in part.items()}
    return [_clean(one) for one in part] if isinstance(part, list) else part


def draw(table: Table, form: Literal["svg", "png"]) -> bytes:
    """Return a table's chart as a picture. Raises: NotFound (404) if the report has none."""
    drawn = specification(table)
    if form == "svg":
        return vector(drawn).encode()
    import vl_convert  # noqa: PLC0415 heavy; only charts need it

    return bytes(vl_convert.vegalite_to_png(drawn, scale=2))


def vector(drawn: dict[str, Any]) -> str:
    """Return the SVG of a specification."""
    import vl_convert  # noqa: PLC0415 heavy; only charts need it

    return str(vl_convert.vegalite_to_svg(drawn))


def _values(table: Table, chart: Chart, columns: dict[str, Column]) -> list[dict[str, Any]]:
    wanted = [chart.x, chart.y, chart.series, chart.facet, f"{chart.y}_low", f"{chart.y}_high"]
    names = [name for name in wanted if name in columns]
    values = [
        {
            name: row[name]
            if columns[name].kind in _QUANTITIES
            else shown(table, columns[name], row)
            for name in names
        }
        for row in table.rows[:_MOST]
    ]
    for name in names:
        if columns[name].kind in ("activity", "iri"):
            _shorten(values, name)
    if chart.series and _lies(chart, columns):
        for one in values:
            one[chart.x] = _WHOLE if one[chart.x] == NOTHING else one[chart.x]
        if len({one[chart.series] for one in values}) > 1:
            # Things of one name, such as the first modules of several courses, are not one thing.
            for one in values:
                one[chart.x] = f"{one[chart.series]}: {one[chart.x]}"
    return values


def _shorten(values: list[dict[str, Any]], name: str) -> None:
    """Call activities without a name by the last part of their addresses, where that tells them apart."""
    whole = {one[name] for one in values}
    short = {text: last_part(text) if "://" in text else text for text in whole}
    if len(set(short.values())) == len(whole):
        for one in values:
            one[name] = short[one[name]]


def _marked(picture: Any, chart: Chart) -> Any:
    if chart.kind == "line":
        return picture.mark_line(point=True)
    if chart.kind == "step":
        return picture.mark_line(interpolate="step-after")
    return {"bar": picture.mark_bar, "point": picture.mark_point, "heat": picture.mark_rect}[
        chart.kind
    ]()


def _channels(alt: Any, chart: Chart, columns: dict[str, Column]) -> dict[str, Any]:
    lies = _lies(chart, columns)
    along, across = (alt.Y, alt.X) if lies else (alt.X, alt.Y)
    channels = {
        "y" if lies else "x": _axis(along, columns[chart.x]),
        "x" if lies else "y": _axis(across, columns[chart.y]),
    }
    if chart.series:
        channels["color"] = _axis(alt.Color, columns[chart.series])
        if lies:
            # Its name stands beside each bar.
            channels["color"] = channels["color"].legend(None)
        if chart.kind == "bar" and not lies:
            channels["xOffset"] = alt.XOffset(f"{chart.series}:N")
    return channels


def _lies(chart: Chart, columns: dict[str, Column]) -> bool:
    """Whether bars lie, so that the names beside them can be read."""
    named = columns[chart.x].kind not in (*_QUANTITIES, "day", "hour")
    return chart.kind == "bar" and named and not chart.facet


def _axis(channel: Any, column: Column) -> Any:
    kind = "Q" if column.kind in _QUANTITIES else "T" if column.kind in ("day", "hour") else "N"
    made = channel(f"{column.name}:{kind}", title=column.name.replace("_", " "))
    if channel.__name__ == "Color":
        return made
    if kind == "N":
        return made.sort(None).axis(labelLimit=260)
    return made.axis(format="%") if column.kind in _PERCENT else made
