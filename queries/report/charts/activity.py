"""Draws the activity chart as SVG, offline, without scripts and links."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import vl_convert

from queries.escape import shown
from queries.report.charts.style import styled
from queries.report.coverage.values import Span
from queries.report.model import Activity
from store import timestamps

OTHER_HOSTS = "other hosts"

_HOST_CHARACTERS_SHOWN = 40
_WIDTH, _HEIGHT = 860, 120

# Most people can tell these apart on light and on dark. Grey is for hosts that are not named.
_COLOURS = ("#3b82c4", "#e08a2e", "#3fa37a", "#c0568f", "#8a6fd1", "#b59b2c", "#4fb3c9")
_GREY = "#8d98a5"

_KNOWN = {
    "complete": "all are here",
    "partial": "some are missing",
    "unknown": "not known whether some are missing",
}
_KNOWN_COLOURS = ["#3fa37a", "#c0392b", "#b4bcc6"]
_STRIP_HEIGHT = 8

# Vega's time unit for each bucket, and the format of its axis.
_BUCKETS = {
    "hour": ("utcyearmonthdatehours", "%b %d %H:%M"),
    "day": ("utcyearmonthdate", "%b %d"),
    "month": ("utcyearmonth", "%b %Y"),
}


def activity_svg(activity: Activity, spans: Sequence[Span] = ()) -> str:
    """Requests over time by host, above a strip of what is known about the records of that time.

    Empty when no request has a time.

    Host names come from clients. They reach the drawing as data, never as markup: they are
    shortened and made visible here, and the renderer escapes them.
    """
    if not activity.counts:
        return ""
    rows = [
        {
            # Times of day of the report's zone, drawn as they are.
            "started_at": timestamps.to_text(count.started_at),
            "host": _label(count.host),
            "requests": count.requests,
        }
        for count in activity.counts
    ]
    drawn = [_chart(rows, activity.bucket), *([_strip(spans)] if spans else [])]
    chart = alt.vconcat(*drawn, spacing=4).resolve_scale(x="shared", color="independent")
    svg: str = vl_convert.vegalite_to_svg(styled(chart).to_dict())
    return svg


def _label(host: str | None) -> str:
    return OTHER_HOSTS if host is None else shown(host, _HOST_CHARACTERS_SHOWN)


def _chart(rows: list[dict[str, Any]], bucket: str) -> alt.Chart:
    time_unit, time_format = _BUCKETS[bucket]
    time_axis = alt.Axis(format=time_format, grid=False, labelOverlap=True, labelSeparation=12)
    labels = list(dict.fromkeys(row["host"] for row in rows))
    named = sorted(label for label in labels if label != OTHER_HOSTS)
    domain = [*named, OTHER_HOSTS] if OTHER_HOSTS in labels else named
    colours = [*_COLOURS[: len(named)], _GREY][: len(domain)]
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("started_at:T", timeUnit={"unit": time_unit}, title=None, axis=time_axis),
            y=alt.Y(
                "sum(requests):Q",
                title=f"requests per {bucket}",
                axis=alt.Axis(tickMinStep=1, titleFontWeight="normal"),
            ),
            color=alt.Color(
                "host:N",
                title=None,
                scale=alt.Scale(domain=domain, range=colours),
                legend=alt.Legend(orient="top", columns=4, columnPadding=28, labelLimit=240),
            ),
        )
        .properties(width=_WIDTH, height=_HEIGHT)
    )
    return chart


def _strip(spans: Sequence[Span]) -> alt.Chart:
    """No data is not the same as nothing done: hours without bars may lack their records."""
    rows = [
        {
            "since": timestamps.to_text(each.since),
            "until": timestamps.to_text(each.until),
            "records": _KNOWN[each.known],
        }
        for each in spans
    ]
    strip: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect()
        .encode(
            x=alt.X("since:T", scale=alt.Scale(type="utc"), axis=None),
            x2="until:T",
            color=alt.Color(
                "records:N",
                title="records of these times",
                scale=alt.Scale(domain=list(_KNOWN.values()), range=_KNOWN_COLOURS),
                legend=alt.Legend(
                    orient="bottom",
                    titleOrient="left",
                    titleFontWeight="normal",
                    titlePadding=28,
                    columnPadding=24,
                    direction="horizontal",
                    labelLimit=240,
                ),
            ),
        )
        .properties(width=_WIDTH, height=_STRIP_HEIGHT)
    )
    return strip
