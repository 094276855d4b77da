"""One dataset of a snapshot, or some files of one, as a view."""

from dataclasses import dataclass

from store.parquet import dataset_columns
from store.parquet.dataset_columns import quoted
from store.reading.damaged_days import DamagedDay
from store.reading.facts import without_facts
from store.reading.file_groups import FileGroup
from store.reading.live_part import view_of


@dataclass(frozen=True, slots=True)
class Relation:
    """A dataset with the groups of its files, and the days of which files are damaged."""

    name: str
    groups: tuple[FileGroup, ...]
    damaged: tuple[DamagedDay, ...]

    @property
    def has_files(self) -> bool:
        return bool(self.groups or self.damaged)

    @property
    def is_known(self) -> bool:
        return self.dataset in dataset_columns.known()

    @property
    def dataset(self) -> str:
        return without_facts.dataset_of(self.name)

    @property
    def view(self) -> str:
        """The name of its view in SQL."""
        return without_facts.view_of(self.name) or quoted(view_of(self.name))

    @property
    def kind(self) -> tuple[object, ...]:
        """Two of the same kind have the same view; only the lists of their files may differ."""
        groups = tuple(
            # Files of which the catalog knows no columns may each have others.
            each if each.fingerprint is None else each._replace(paths=())
            for each in self.groups
        )
        return self.name, groups, tuple((day.day, day.span, day.sentence) for day in self.damaged)
