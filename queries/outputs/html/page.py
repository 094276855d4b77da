"""Writes a report as one HTML file without scripts, links or external resources; Jinja escapes."""

from functools import cache
from typing import Any

import jinja2

from queries.escape import shown
from queries.identity import person_words
from queries.outputs.html import folding
from queries.outputs.html.charts import charts_of
from queries.report import anomaly_words, explanations, kind_words, wording
from queries.report.model import Report
from queries.report.page_one import overlap, rules, sentences
from queries.report.times import Times
from queries.time_zone import time_zone


def report_html(report: Report) -> bytes:
    """The whole page. A URL from the log is shown as text, never as a link."""
    return rendered(report, folding.STEPS_TOLD).encode(errors="backslashreplace")


def rendered(report: Report, steps_told: int) -> str:
    """The page with the steps of the newest sessions, as long as there are no more of them."""
    page = _environment().get_template("report.html.jinja")
    told = folding.sessions_told(report.sessions.shown, steps_told)
    title, days = folding.day_rows(report.days, Times())
    return page.render(
        report=report,
        times=Times(time_zone(report.time_zone)),
        charts=charts_of(report),
        page_one=sentences,
        rules=rules,
        words=explanations,
        anomaly_words=anomaly_words,
        anomalies=overlap.remaining(report),
        name=_name,
        spans=wording.span_lines,
        reasons=tuple(kind_words.reason_meanings()),
        refusals=folding.refusals(report.refused.shown),
        told_whole=told,
        sessions_told=folding.told_text(report.sessions.shown, told),
        day_title=title,
        days=days,
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("queries.outputs.html", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_filters())
    return environment


def _filters() -> dict[str, Any]:
    return {
        "number": wording.number,
        "counted": wording.counted,
        "duration": wording.duration_text,
        "snapshot": wording.snapshot_text,
        "files": wording.files_text,
        "hours": wording.hours_text,
        "reason": wording.reason_text,
        "more": wording.more_text,
        "sources": wording.sources_text,
        "bytes": explanations.bytes_text,
        "kind": kind_words.kind_label,
        "kinds": kind_words.kinds_text,
        "kinds_named": kind_words.kind_nouns,
        "meaning": kind_words.kind_meaning,
        "sum": kind_words.sum_text,
        "moved": kind_words.moved_text,
        "moved_words": kind_words.moved_words,
        "why_listed": kind_words.why_listed_text,
        "outcome": kind_words.outcome_text,
        "country": lambda each: _name(wording.country_text(each)),
        # Jinja's own makes all other letters small.
        "begun": lambda text: text[:1].upper() + text[1:],
        "pieces": kind_words.pieces_text,
        "navigation": kind_words.navigation_text,
        "start": kind_words.start_text,
        "steps_shown": kind_words.steps_shown_text,
        "refusal": lambda each: _name(kind_words.refusal_text(each)),
        "anomaly": lambda each: anomaly_words.sentence(each, _name),
        "name": _name,
        "quoted": person_words.quoted,
        "url": _url,
    }


def _name(text: str | None) -> str:
    return "(none)" if text is None else shown(text, wording.NAME_CHARACTERS_SHOWN)


def _url(text: str | None) -> str:
    return "(none)" if text is None else shown(text, wording.URL_CHARACTERS_SHOWN)
