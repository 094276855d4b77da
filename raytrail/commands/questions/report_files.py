"""The files of a report: CSV and Parquet of its requests; HTML, JSON and PDF of what it tells."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from queries.engine import Engine
from queries.outputs import json_out
from queries.outputs.saved_files import file_stem, period_stem, save, spooled
from queries.report.model import Report
from queries.report.person_requests import Batches
from raytrail.commands.questions.asked import Asked
from raytrail.errors import CannotDo

# Of a file that is copied into its place.
BYTES_AT_ONCE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Saving:
    """Where the files go, if anywhere, and what is in them."""

    folder: Path | None
    is_csv_raw: bool = False
    is_pdf: bool = False

    def demand(self) -> None:
        """CannotDo if the files cannot be written as wanted."""
        if self.folder is not None and self.folder.exists() and not self.folder.is_dir():
            raise CannotDo(f"--save {self.folder}: this is a file; name a folder")
        if not self.is_pdf:
            return
        if self.folder is None:
            raise CannotDo("--pdf: name a folder for it with --save")
        from queries.outputs.html import pdf

        if why := pdf.problem():
            raise CannotDo(f"--pdf: {why}")

    def files(self, asked: Asked, user: str) -> "ReportFiles | None":
        """None if nothing is saved. Makes the folder; CannotDo if that is impossible."""
        if self.folder is None:
            return None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = f"no folder can be made: {error.strerror}"
            raise CannotDo(f"--save {self.folder}: {why}") from error
        name = f"{file_stem(user)}-{period_stem(asked.period, asked.zone)}"
        return ReportFiles(self.folder, name, self)


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """`name` is that of the files without their suffix."""

    folder: Path
    name: str
    saving: Saving

    @property
    def paths(self) -> list[Path]:
        suffixes = (".html", ".csv", ".json", ".parquet", *([".pdf"] if self.saving.is_pdf else []))
        return [self.folder / f"{self.name}{suffix}" for suffix in suffixes]

    def save_requests(self, rows: Batches) -> None:
        # Late: a report that is not saved needs neither.
        from queries.outputs.csv_columns import columns_csv
        from queries.outputs.parquet_out import also_parquet

        # The file of Parquet grows beside the one of CSV: the rows are read once.
        with spooled(self.folder) as spool:
            kept = also_parquet(rows, spool)
            self._save(".csv", columns_csv(kept, is_raw=self.saving.is_csv_raw))
            self._save(".parquet", _copied(spool))

    def save_report(self, found: Report) -> None:
        # Late: drawing a chart loads half a second of libraries that no other answer needs.
        from queries.outputs.html import page

        self._save(".html", iter([page.report_html(found)]))
        self._save(".json", iter([json_out.report_object(found)]))
        if self.saving.is_pdf:
            from queries.outputs.html import pdf

            self._save(".pdf", iter([pdf.report_pdf(found)]))

    def _save(self, suffix: str, pieces: Iterator[bytes]) -> None:
        save(self.folder / f"{self.name}{suffix}", pieces)


@contextmanager
def beside(engine: Engine, work: Callable[[], None]) -> Iterator[Future[None]]:
    """Work in a second thread, while the block asks other questions.

    The end of the block waits for it. An error in the block stops what the thread asks of `engine`.
    """
    with ThreadPoolExecutor(1, "requests") as pool:
        done = pool.submit(work)
        try:
            yield done
        except BaseException:
            engine.interrupt()
            raise


def _copied(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    while piece := spool.read(BYTES_AT_ONCE):
        yield piece
