"""Prints the anomalies of a report in a terminal."""

from rich.console import Console
from rich.text import Text

from queries.anomalies.anomaly import Anomalies
from queries.outputs.terminal import logged
from queries.report import anomaly_words
from queries.report.times import Times


def show_anomalies(found: Anomalies, console: Console, times: Times) -> None:
    console.print()
    console.print(Text.assemble(("Anomalies", "bold"), "" if found.found else "  none"))
    for each in found.found:
        title = anomaly_words.TITLES[each.kind]
        what = anomaly_words.sentence(each, logged)
        console.print(
            Text.assemble(times.moment(each.started_at), " ", (title, "yellow"), f": {what}")
        )
        for shown in each.evidence:
            console.print(Text(f"   {anomaly_words.evidence(shown, logged, times)}", style="dim"))
    for remark in anomaly_words.remarks(found):
        console.print(Text(remark, style="dim"))
