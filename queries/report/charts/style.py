"""What all charts of a report have in common."""

from typing import TypeVar

import altair as alt

Drawing = TypeVar("Drawing", alt.Chart, alt.VConcatChart)


def styled(chart: Drawing) -> Drawing:
    """In the page's text colour, so that one drawing fits light, dark and print."""
    made: Drawing = chart.configure(
        font="system-ui, sans-serif",
        axis=alt.AxisConfig(
            labelColor="currentColor",
            titleColor="currentColor",
            domainColor="currentColor",
            tickColor="currentColor",
            gridColor="currentColor",
            gridOpacity=0.15,
        ),
        background="transparent",
        legend=alt.LegendConfig(labelColor="currentColor", titleColor="currentColor"),
        view=alt.ViewConfig(stroke=None),
    )
    return made
