"""What all charts of a report have in common."""

import altair as alt


def styled(chart: alt.Chart) -> alt.Chart:
    """In the page's text colour, so that one drawing fits light, dark and print."""
    made: alt.Chart = chart.configure(
        font="system-ui, sans-serif",
        axis=alt.AxisConfig(
            labelColor="currentColor",
            titleColor="currentColor",
            domainColor="currentColor",
            tickColor="currentColor",
            gridColor="currentColor",
            gridOpacity=0.15,
        ),
        legend=alt.LegendConfig(labelColor="currentColor"),
        view=alt.ViewConfig(stroke=None),
    )
    return made
