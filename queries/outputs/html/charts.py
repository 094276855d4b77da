"""The charts of the page. They are the only markup that no template makes."""

from dataclasses import dataclass

from markupsafe import Markup

from queries.report.charts.buckets import spans_of_activity
from queries.report.model import Report
from queries.time_zone import time_zone


@dataclass(frozen=True, slots=True)
class Charts:
    activity: Markup
    calendar: Markup
    hours: Markup
    days_left_out: int
    days_drawn: int

    @property
    def any(self) -> bool:
        return bool(self.activity)


def charts_of(report: Report) -> Charts:
    # Late: importing the chart's libraries takes half a second, which only HTML needs.
    from queries.report.charts import activity, heat  # noqa: PLC0415

    spans = spans_of_activity(
        report.coverage.spans.shown, report.activity, time_zone(report.time_zone)
    )
    # Drawn from data, no markup passes: charts/activity.py says why.
    return Charts(
        activity=Markup(activity.activity_svg(report.activity, spans)),  # noqa: S704 - see above
        calendar=Markup(heat.calendar_svg(report.days)),  # noqa: S704
        hours=Markup(heat.hours_svg(report.days)),  # noqa: S704
        days_left_out=heat.calendar_days_left_out(report.days),
        days_drawn=min(len(report.days), heat.DAYS_DRAWN),
    )
