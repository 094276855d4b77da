"""Writes a report as PDF, where WeasyPrint is installed: the folded page, in print."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from queries.outputs.html.page import rendered
from queries.report.model import Report

# Of the newest sessions, on about eight pages; laying out a page of steps takes a second.
STEPS_TOLD = 400

# Programs that make files read the time of their making from it, so that bytes can be made again.
EPOCH = "SOURCE_DATE_EPOCH"


def problem() -> str:
    """Why no PDF can be made here, and what to install; empty if one can."""
    try:
        import weasyprint  # noqa: F401, PLC0415 - an extra, and slow to load
    except ImportError:
        return "WeasyPrint is not installed; run `pip install 'raytrail[pdf]'`"
    except OSError:
        return (
            "WeasyPrint finds no Pango, which lays out text; install it"
            " (Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
        )
    return ""


def report_pdf(report: Report) -> bytes:
    """Tagged for screen readers (PDF/UA). The same report gives the same bytes."""
    with _made_at(report.coverage.taken_at):
        return _pdf(rendered(report, STEPS_TOLD))


def _pdf(page: str) -> bytes:
    """Loads nothing, of no protocol: the page has no resources, and logged text must not bring any in."""
    import weasyprint  # noqa: PLC0415
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    refusing = URLFetcher(allowed_protocols=())
    made: bytes = weasyprint.HTML(string=page, url_fetcher=refusing).write_pdf(
        pdf_variant="pdf/ua-1"
    )
    return made


@contextmanager
def _made_at(moment: datetime) -> Iterator[None]:
    """Until the block ends, the time of making is that of the report, unless one is set."""
    if EPOCH in os.environ:
        yield
        return
    os.environ[EPOCH] = str(int(moment.replace(tzinfo=UTC).timestamp()))
    try:
        yield
    finally:
        del os.environ[EPOCH]
