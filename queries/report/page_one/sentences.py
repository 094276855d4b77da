"""The first page of a report: sentences for people who do not know the systems behind it.

Text that was logged is escaped and stands between quotes.
"""

from collections.abc import Iterator
from datetime import timedelta

from queries.escape import for_terminal, shown
from queries.identity import person_words
from queries.identity.person import Grade, Person
from queries.report import anomaly_words, wording
from queries.report.kind_words import size_text
from queries.report.model import Report
from queries.report.page_one import overlap, rules
from queries.report.times import Times
from queries.report.wording import NAME_CHARACTERS_SHOWN, counted, number

# Of findings and anomalies; the sections behind the first page have all. What was taken and changed
# always stands on it.
ODDITIES_SHOWN = 6

# Logpush delivers within minutes; a receiver that was down for a moment is no late delivery.
LATE = timedelta(hours=1)

# Of the largest file.
URL_CHARACTERS_SHOWN = 160

_GRADES = {
    Grade.ASKED: "the name that was asked for",
    Grade.EQUAL: "another spelling of it",
    Grade.SETTING: "somebody here said that it is the same person",
    Grade.INFERRED: "probably the same person, as concluded from logins",
}

NOT_LOGGED = (
    "Only requests to systems behind Cloudflare are recorded. What somebody read, typed or copied on"
    " a page without a new request, and what happened anywhere else, is not."
)


def who(report: Report) -> Iterator[str]:
    """Whose account it is, and how sure that is."""
    yield f"This report is about the account {person_words.quoted(report.who.user)}."
    yield from names(report.who.person)
    yield how_sure(report)
    yield "A name says whose account was used, not who sat at the keyboard."


def names(person: Person) -> Iterator[str]:
    """The other names of the person, and why each is taken for the same person's."""
    for each in person.others[: person_words.NAMES_SHOWN]:
        why = f" ({for_terminal(each.evidence)})" if each.evidence else ""
        yield f"Also included is the name {person_words.quoted(each.name)}: {_GRADES[each.grade]}{why}."
    more = len(person.others) - person_words.NAMES_SHOWN
    if more > 0:
        yield f"Also included: {counted(more, 'more name')}, which are in the JSON file."
    left_out = len(person.not_covered) + person.not_covered_left_out + person.left_out.names
    if left_out:
        yield (
            f"Not included: {counted(left_out, 'more name')} that may be of the same person; they are"
            " in the JSON file with the reason."
        )


def how_sure(report: Report) -> str:
    """What stands behind the name on the requests."""
    total, sure = report.totals.requests, report.totals.confirmed
    if not total:
        return f"No request has this name in the period; the name comes from {wording.sources_text(report.who)}."
    if sure == total:
        return (
            f"How sure: all {counted(total, 'request')} came through the company's login (Cloudflare"
            " Access), which wrote the name on them."
        )
    claimed = (
        "the name is only what the sending program claimed: no login is known to have let them"
        " through, so anybody could have sent it"
    )
    if not sure:
        return f"How sure: not sure. On all {counted(total, 'request')} {claimed}."
    return (
        f"How sure: {number(sure)} of {counted(total, 'request')} came through the company's login"
        f" (Cloudflare Access), which wrote the name on them. On the other {number(total - sure)}"
        f" {claimed}. Those are marked unconfirmed."
    )


def period(report: Report, times: Times) -> Iterator[str]:
    asked = times.period(report.asked)
    if not report.asked.is_open and report.asked.until is None:
        asked = f"{asked} until the report was made"
    zone = "" if times.zone.is_utc else f" ({report.time_zone} time)"
    in_utc = f", {text}" if (text := times.period_in_utc(report.asked)) else ""
    yield f"Asked for: {asked}{zone}{in_utc}."
    yield f"Seen: {wording.covered_text(report, times)}."
    yield from received(report, times)
    yield f"The report shows what was stored at {times.moment(report.coverage.taken_at)}."


def received(report: Report, times: Times) -> Iterator[str]:
    """When the store got these records, which may be long after they were logged."""
    first, last = report.totals.first_received, report.totals.last_received
    if first is None or last is None:
        return
    late = (
        ", after the last of them was logged: they were delivered late or imported"
        if report.last_seen is not None and first - report.last_seen > LATE
        else ""
    )
    when = (
        f"at {times.moment(first)}"
        if times.moment(first) == times.moment(last)
        else f"between {times.moment(first)} and {times.moment(last)}"
    )
    yield f"Received: all of these records came to this store {when}{late}."


def stands_out(report: Report) -> tuple[str, ...]:
    """The most telling first; of findings and anomalies at most ODDITIES_SHOWN, and how many there are."""
    rules_say = () if report.findings is None else rules.sentences(report.findings, report.asked)
    odd = [*rules_say, *_anomalies(report)]
    more = len(odd) - ODDITIES_SHOWN
    told = [f"And {counted(more, 'more point')}, in the sections below."] if more > 0 else []
    found = (*odd[:ODDITIES_SHOWN], *told, *_acts(report), *_refusals(report))
    return found or ("Nothing that this report looks for.",)


def not_known(report: Report, times: Times) -> Iterator[str]:
    yield from wording.notes_without_names(report, times)
    hours = report.coverage.hours
    if hours.total and hours.complete < hours.total:
        checked = hours.total - hours.unseen
        unsure = hours.unseen + hours.untold
        if not checked:
            yield (
                f"Nobody has compared these {counted(hours.total, 'hour')} with what Cloudflare counted,"
                " so requests may be missing here without a sign of it."
            )
        elif unsure:
            yield f"For {number(unsure)} of {counted(hours.total, 'hour')} it is not known whether requests are missing."
    if report.findings is not None and report.findings.rules_held_back:
        held_back = number(report.findings.rules_held_back)
        yield (
            f"{held_back} of {counted(report.findings.rules, 'kind')} of findings could not be looked"
            " for; why is said under Findings. That they are not here does not mean that there was"
            " nothing."
        )
    yield NOT_LOGGED


def _anomalies(report: Report) -> Iterator[str]:
    for each in overlap.remaining(report).found:
        title = anomaly_words.title(each)
        yield f"{title}: {anomaly_words.sentence(each, _name)}."
    if report.anomalies.left_out:
        yield f"{counted(report.anomalies.left_out, 'more oddity', 'more oddities')} of the same kinds."


def _acts(report: Report) -> Iterator[str]:
    if delivered := [each for each in report.downloads.shown if not each.is_refused]:
        largest = delivered[0]
        name = f"{_name(largest.host)}{shown(largest.uri or '', URL_CHARACTERS_SHOWN)}"
        if report.downloads.total == 1:
            yield f"1 file was downloaded, {size_text(largest.size_bytes)}: {name}."
        else:
            yield (
                f"{number(report.downloads.total)} files were downloaded,"
                f" {size_text(report.totals.bytes_downloaded)} together; the largest,"
                f" {size_text(largest.size_bytes)}, is {name}."
            )
    yield from _changes(report)


def _changes(report: Report) -> Iterator[str]:
    if not report.changes.total:
        return
    whys = [each.why for each in report.changes.shown]
    least = "at least " if report.changes.more else ""
    told = [
        (whys.count(why), words)
        for why, words in (
            ("deletes", "to delete something"),
            ("access", "about rights, secrets or sharing"),
        )
        if why in whys
    ]
    requests = counted(report.changes.total, "request")
    if told and told[0][0] == report.changes.total:
        yield f"{requests} {told[0][1]}."
        return
    among = " and ".join(f"{least}{number(count)} {words}" for count, words in told)
    yield f"{requests} to change something{f', among them {among}' if among else ''}."


def _refusals(report: Report) -> Iterator[str]:
    if report.totals.refused:
        refused = counted(report.totals.refused, "request was", "requests were")
        yield f"{refused} refused."
    events = report.access_events
    if events.logins_refused:
        yield f"{number(events.logins_refused)} of {counted(events.logins, 'login')} did not succeed."


def _name(text: str | None) -> str:
    return "(none)" if text is None else shown(text, NAME_CHARACTERS_SHOWN)
