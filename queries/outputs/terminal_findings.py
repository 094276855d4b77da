"""Prints the findings and anomalies of a report in a terminal."""

from rich.console import Console
from rich.text import Text

from queries.outputs.terminal import logged
from queries.report import anomaly_words, wording
from queries.report.model import Report
from queries.report.page_one import overlap, rules
from queries.report.times import Times

# One line each; `raytrail findings` lists all, with their evidence.
FINDINGS_SHOWN = 20

# Also printed by `raytrail findings`.
STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}


def show_findings(report: Report, console: Console, times: Times) -> None:
    if report.findings is None:
        return
    listed = report.findings.listed
    shown = listed.shown[:FINDINGS_SHOWN]
    of_all = f"{wording.number(len(shown))} of {wording.number(listed.total)}, the gravest"
    told = "none" if not listed.total else of_all if len(shown) < listed.total else str(len(shown))
    console.print()
    console.print(Text.assemble(("Findings", "bold"), f"  {told}"))
    explained: set[str] = set()
    for each in shown:
        seen = "acknowledged: " if each.acknowledged else ""
        console.print(
            Text.assemble(
                (f"{each.level:8} ", STYLES.get(each.level, "")),
                f"{times.moment(each.since)} {each.title}: {seen}{rules.what(each)}",
            )
        )
        # Once for each rule: they are sentences, and a rule may find something every day.
        reasons = () if each.rule in explained else report.findings.ordinary(each)
        explained.add(each.rule)
        for reason in reasons:
            console.print(Text(f"   ordinary reason: {reason}", style="dim"))
    if report.findings.nothing_found:
        console.print(Text(rules.not_found(report.findings), style="dim"))
    for line in report.findings.not_judged:
        console.print(Text(rules.remark(line), style="dim"))


def show_anomalies(report: Report, console: Console, times: Times) -> None:
    """Those that no finding is about."""
    found = overlap.remaining(report)
    console.print()
    console.print(Text.assemble(("Anomalies", "bold"), "" if found.found else "  none"))
    for each in found.found:
        what = anomaly_words.sentence(each, logged)
        title = (anomaly_words.TITLES[each.kind], "yellow")
        console.print(Text.assemble(times.moment(each.started_at), " ", title, f": {what}"))
        for shown in each.evidence:
            console.print(Text(f"   {anomaly_words.evidence(shown, logged, times)}", style="dim"))
    for remark in anomaly_words.remarks(found):
        console.print(Text(remark, style="dim"))
