"""Writes a report as PDF, where WeasyPrint is installed: the folded page, in print."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from queries.outputs.html.page import rendered
from queries.report.model import Report

# Sessions are one line each: laying out a page of steps takes a second.
STEPS_TOLD = 0

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
    import weasyprint  # noqa: PLC0415

    with _made_at(report.coverage.taken_at):
        page = weasyprint.HTML(string=rendered(report, STEPS_TOLD), url_fetcher=_refuse)
        made: bytes = page.write_pdf(pdf_variant="pdf/ua-1")
    return made


def _refuse(url: str, *_: object, **__: object) -> dict[str, object]:
    """The page has no resources, and logged text must not bring any in."""
    raise ValueError(f"a report loads nothing, and was asked for {url[:100]}")


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
