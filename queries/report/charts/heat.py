"""Draws the calendar of a report and its hours of each day, as SVG without scripts and links."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt
import vl_convert

from queries.report.charts.style import styled
from queries.report.days import Day

# A year and a bit fits the page; the newest weeks are drawn, and `calendar_weeks_left_out` counts.
WEEKS_DRAWN = 60
# More rows than these are no picture any more.
DAYS_DRAWN = 31

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CELL = 14
_HOUR_WIDTH, _DAY_HEIGHT = 30, 15
# A few days look lost in a calendar of one column.
_WEEKS_MIN = 3

# Seen on light and on dark paper; the number of requests is the strength of the colour.
_COLOUR = "#3b82c4"
_STRENGTH = [0.18, 1.0]


def calendar_svg(days: Sequence[Day]) -> str:
    """A square for each day, a column for each week; empty for less than three weeks."""
    drawn = _newest_weeks(days)
    if not drawn or _weeks(drawn) < _WEEKS_MIN:
        return ""
    rows = [
        {
            "week": _monday(each.day).isoformat(),
            "weekday": _WEEKDAYS[each.day.weekday()],
            "requests": each.requests,
        }
        for each in drawn
    ]
    first, last = _monday(drawn[0].day), _monday(drawn[-1].day)
    weeks = [
        (first + timedelta(weeks=number)).isoformat()
        for number in range((last - first).days // 7 + 1)
    ]
    return _svg(
        _cells(rows)
        .encode(
            x=alt.X(
                "week:O",
                title=None,
                scale=alt.Scale(domain=weeks),
                axis=alt.Axis(
                    labelAngle=0, labelOverlap=True, ticks=False, domain=False, labelSeparation=8
                ),
            ),
            y=alt.Y(
                "weekday:O",
                title=None,
                scale=alt.Scale(domain=list(_WEEKDAYS)),
                axis=alt.Axis(ticks=False, domain=False),
            ),
        )
        .properties(width=_CELL * len(weeks), height=_CELL * len(_WEEKDAYS))
    )


def calendar_days_left_out(days: Sequence[Day]) -> int:
    return len(days) - len(_newest_weeks(days))


def hours_svg(days: Sequence[Day]) -> str:
    """A row for each day with requests, a column for each hour of the day; empty without a day."""
    drawn = days[-DAYS_DRAWN:]
    if not drawn:
        return ""
    rows = [
        {"day": _label(each.day), "hour": hour, "requests": requests}
        for each in drawn
        for hour, requests in each.hours
    ]
    cells = _cells(rows).encode(
        x=alt.X(
            "hour:O",
            title=None,
            scale=alt.Scale(domain=list(range(24))),
            axis=alt.Axis(labelAngle=0, ticks=False, domain=False, orient="top"),
        ),
        y=alt.Y(
            "day:O",
            title=None,
            scale=alt.Scale(domain=[_label(each.day) for each in drawn]),
            axis=alt.Axis(ticks=False, domain=False),
        ),
    )
    return _svg(cells.properties(width=_HOUR_WIDTH * 24, height=_DAY_HEIGHT * len(drawn)))


def _cells(rows: list[dict[str, Any]]) -> alt.Chart:
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(color=_COLOUR, cornerRadius=2, strokeWidth=1.5, stroke="transparent")
        .encode(
            fillOpacity=alt.FillOpacity(
                "requests:Q",
                # Few requests are seen beside many.
                scale=alt.Scale(type="sqrt", range=_STRENGTH, domainMin=0),
                legend=None,
            ),
        )
    )
    return chart


def _svg(chart: alt.Chart) -> str:
    svg: str = vl_convert.vegalite_to_svg(
        styled(
            chart.properties(
                background="transparent", padding={"left": 12, "right": 4, "top": 2, "bottom": 2}
            )
        ).to_dict()
    )
    return svg


def _newest_weeks(days: Sequence[Day]) -> Sequence[Day]:
    if not days:
        return days
    begin = _monday(days[-1].day) - timedelta(weeks=WEEKS_DRAWN - 1)
    return [each for each in days if each.day >= begin]


def _weeks(days: Sequence[Day]) -> int:
    return (_monday(days[-1].day) - _monday(days[0].day)).days // 7 + 1


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _label(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.isoformat()}"
