"""Writes a report as one HTML file without scripts, links or external resources; Jinja escapes."""

from functools import cache

import jinja2
from markupsafe import Markup

from queries.escape import shown
from queries.identity import person_words
from queries.report import anomaly_words, explanations, kind_words, wording
from queries.report.model import Report


def report_html(report: Report) -> bytes:
    """The whole page. A URL from the log is shown as text, never as a link."""
    # Late: importing the chart's libraries takes half a second, which only HTML needs.
    from queries.report.chart import activity_svg  # noqa: PLC0415

    # The only markup that the template does not make; chart.py says why it is safe.
    chart = Markup(activity_svg(report.activity))  # noqa: S704 - drawn from data, no markup passes
    page = _environment().get_template("report.html.jinja")
    notes = list(wording.notes(report))
    text = page.render(
        report=report,
        chart=chart,
        notes=notes,
        other_names=list(person_words.other_names(report.who.person)),
        words=explanations,
        anomaly_words=anomaly_words,
        reasons=tuple(kind_words.reason_meanings()),
    )
    return text.encode(errors="backslashreplace")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("queries.outputs", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=wording.number,
        counted=wording.counted,
        moment=wording.moment_text,
        clock=wording.clock_text,
        duration=wording.duration_text,
        period=wording.period_text,
        snapshot=wording.snapshot_text,
        files=wording.files_text,
        hours=wording.hours_text,
        reason=wording.reason_text,
        more=wording.more_text,
        more_of=wording.more_of,
        covered=wording.covered_text,
        sources=wording.sources_text,
        bytes=explanations.bytes_text,
        kind=kind_words.kind_label,
        kinds=kind_words.kinds_text,
        kinds_named=kind_words.kind_nouns,
        meaning=kind_words.kind_meaning,
        sum=kind_words.sum_text,
        moved=kind_words.moved_text,
        why=kind_words.why_text,
        pieces=kind_words.pieces_text,
        navigation=kind_words.navigation_text,
        folded=kind_words.folded_text,
        start=kind_words.start_text,
        steps_shown=kind_words.steps_shown_text,
        anomaly=lambda each: anomaly_words.sentence(each, _name),
        evidence=lambda each: anomaly_words.evidence(each, _name),
        name=_name,
        quoted=person_words.quoted,
        url=_url,
    )
    return environment


def _name(text: str | None) -> str:
    return "(none)" if text is None else shown(text, wording.NAME_CHARACTERS_SHOWN)


def _url(text: str | None) -> str:
    return "(none)" if text is None else shown(text, wording.URL_CHARACTERS_SHOWN)
