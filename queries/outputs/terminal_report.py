"""Prints a report in a terminal, section by section."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from queries.escape import shown
from queries.identity import person_words
from queries.outputs.terminal import GRADE_STYLES, logged, logged_url
from queries.outputs.terminal_findings import show_anomalies, show_findings
from queries.outputs.terminal_sessions import show_sessions
from queries.report import explanations, kind_words, wording
from queries.report.acts import Act
from queries.report.coverage.values import Hours
from queries.report.listing import Listing
from queries.report.model import Login, Report, Use
from queries.report.page_one import sentences
from queries.report.page_one.made import NOT_TOLD
from queries.report.times import Times
from queries.time_zone import time_zone


def show_report(report: Report, console: Console) -> None:
    times = Times(time_zone(report.time_zone))
    console.print(Text(logged(report.who.user), style="bold"))
    console.print(_facts(report, times))
    for note in wording.notes(report, times):
        console.print(Text(note, style="yellow"))
    _show_kinds(report, console)
    show_findings(report, console, times)
    show_anomalies(report, console, times)
    _show_acts("Downloads", report.downloads, report.who.user, console, times)
    _show_acts("Changes", report.changes, report.who.user, console, times)
    for title, listing, noun in (
        ("Hosts", report.hosts, "host"),
        ("Addresses", report.addresses, "address"),
        ("Countries", report.countries, "country"),
        ("User agents", report.user_agents, "user agent"),
    ):
        _show_uses(title, listing, noun, console, times)
    heading("Sessions", report.sessions, "session", console)
    show_sessions(report, console, times)
    _show_refused(report, console, times)
    _show_logins("Logins", report.logins, "login", console, times)
    _show_logins("Logouts and other Access events", report.other_events, "event", console, times)
    _show_elsewhere(report, console, times)
    _show_made(report, console, times)


def heading(title: str, listing: Listing[object], noun: str, console: Console) -> None:
    more = wording.more_text(listing, noun)
    console.print()
    console.print(Text.assemble((title, "bold"), f"  {more}" if listing.shown else "  none"))


def _facts(report: Report, times: Times) -> Table:
    table = Table.grid(padding=(0, 2))
    for label, text in (
        ("asked for", times.period(report.asked)),
        *_zone(report, times),
        ("seen", wording.covered_text(report, times)),
        *(("", told) for told in person_words.other_names(report.who.person)),
        ("name from", wording.sources_text(report.who)),
        ("how sure", sentences.how_sure(report).removeprefix("How sure: ")),
        ("snapshot", wording.snapshot_text(report.coverage, times)),
        ("files", wording.files_text(report.coverage, times)),
        *_coverage(report.coverage.hours),
        *explanations.totals(report),
    ):
        table.add_row(Text(label, style="dim"), Text(text))
    return table


def _zone(report: Report, times: Times) -> Iterator[tuple[str, str]]:
    if not times.zone.is_utc:
        told = times.period_in_utc(report.asked)
        yield "", f"days and times of {report.time_zone}{f'; {told}' if told else ''}"


def _coverage(hours: Hours) -> Iterator[tuple[str, str]]:
    if text := wording.hours_text(hours):
        yield "coverage", text
    for reason in hours.reasons:
        yield "", shown(wording.reason_text(reason), wording.NAME_CHARACTERS_SHOWN)


def _show_kinds(report: Report, console: Console) -> None:
    console.print()
    console.print(Text("Requests by kind", style="bold"))
    table = Table.grid(padding=(0, 2))
    for each in report.kinds.by_kind:
        folded = f"{wording.number(each.folded)} folded" if each.folded else ""
        table.add_row(
            Text(shown(kind_words.kind_nouns(each.kind), wording.NAME_CHARACTERS_SHOWN)),
            Text(wording.number(each.requests), justify="right"),
            Text(folded, justify="right", style="dim"),
            Text(kind_words.kind_meaning(each.kind), style="dim"),
        )
    console.print(table)
    console.print(Text(f"together: {kind_words.sum_text(report.kinds)}"))


def _show_acts(title: str, acts: Listing[Act], asked: str, console: Console, times: Times) -> None:
    heading(title, acts, title.lower().removesuffix("s"), console)
    if not acts.shown:
        return
    table = Table.grid(padding=(0, 2))
    for act in acts.shown:
        status = "-" if act.status is None else str(act.status)
        table.add_row(
            Text(times.moment(act.seen_at), style="dim"),
            Text(f"{logged(act.method):6} {status:>3}", style="red" if act.is_refused else ""),
            Text(kind_words.moved_text(act.size_bytes, act.direction), justify="right"),
            _act_request(act, asked),
            Text(act.identity, style=GRADE_STYLES.get(act.identity, "")),
        )
    console.print(table)


def _act_request(act: Act, asked: str) -> Text:
    """The URL, and below it what else there is to say about the act."""
    content = logged(act.content_type) if act.content_type else ""
    name = f"as {person_words.quoted(act.user_id)}" if act.user_id != asked else ""
    words = (kind_words.why_text(act), kind_words.pieces_text(act), content, name)
    told = ", ".join(word for word in words if word)
    url = Text(f"{logged(act.host)}{logged_url(act.uri)}", overflow="fold")
    return Text.assemble(url, (f"\n  {told}" if told else "", "dim"), overflow="fold")


def _show_uses(
    title: str, listing: Listing[Use], noun: str, console: Console, times: Times
) -> None:
    heading(title, listing, noun, console)
    if not listing.shown:
        return
    table = Table.grid(padding=(0, 2))
    for use in listing.shown:
        table.add_row(
            Text(logged(use.value), overflow="fold"),
            Text(use.identity or "", style=GRADE_STYLES.get(use.identity or "", "")),
            Text(wording.number(use.requests), justify="right"),
            Text(times.moment(use.first_seen), style="dim"),
            Text(times.moment(use.last_seen), style="dim"),
        )
    console.print(table)


def _show_refused(report: Report, console: Console, times: Times) -> None:
    heading("Refused requests", report.refused, "refused request", console)
    if report.refused.shown:
        console.print(Text(explanations.REFUSED_WHY, style="dim"))
    for refusal in report.refused.shown:
        console.print(
            Text(
                f"{times.moment(refusal.seen_at)} {refusal.status} "
                f"{logged(refusal.security_action or '')} {logged(refusal.method)} "
                f"{logged(refusal.host)}{logged_url(refusal.uri)} {logged(refusal.ip)} "
                f"Ray ID {logged(refusal.ray_id)}"
            )
        )


def _show_logins(
    title: str, listing: Listing[Login], noun: str, console: Console, times: Times
) -> None:
    heading(title, listing, noun, console)
    outcomes = {None: "unknown", True: "allowed", False: "refused"}
    for login in listing.shown:
        console.print(
            Text(
                f"{times.moment(login.seen_at)} {outcomes[login.allowed]} "
                f"{logged(login.action)} {logged(login.application)} {logged(login.connection)} "
                f"{logged(login.ip)} {logged(login.country)}"
            )
        )


def _show_elsewhere(report: Report, console: Console, times: Times) -> None:
    console.print()
    title = "Rows in other datasets"
    if not report.elsewhere:
        console.print(Text.assemble((title, "bold"), "  none"))
        return
    console.print(Text(title, style="bold"))
    console.print(Text(explanations.ELSEWHERE, style="dim"))
    table = Table.grid(padding=(0, 2))
    for each in report.elsewhere:
        table.add_row(
            Text(each.dataset),
            Text(explanations.rows_text(each), justify="right"),
            Text(f"{times.moment(each.first_seen)} to {times.moment(each.last_seen)}"),
            Text(logged(each.user_id), overflow="fold"),
        )
    console.print(table)


def _show_made(report: Report, console: Console, times: Times) -> None:
    made, coverage = report.made, report.coverage
    if made == NOT_TOLD:
        return
    console.print()
    console.print(Text("How this report was made", style="bold"))
    table = Table.grid(padding=(0, 2))
    for label, text in (
        ("case", shown(made.case, wording.NAME_CHARACTERS_SHOWN)),
        ("entered as", shown(made.by, wording.NAME_CHARACTERS_SHOWN)),
        ("account", shown(made.account, wording.NAME_CHARACTERS_SHOWN)),
        ("question", shown(made.question, wording.URL_CHARACTERS_SHOWN)),
        ("made at", times.moment(coverage.taken_at)),
        ("ledger", f"entry {wording.number(coverage.sequence)}, digest {coverage.digest}"),
        ("program", f"Raytrail {made.version}"),
    ):
        if text:
            table.add_row(Text(label, style="dim"), Text(text, overflow="fold"))
    console.print(table)
