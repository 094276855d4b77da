"""The planned changes to Cloudflare's settings, as values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from upstream.logpush import desired_state
from upstream.logpush.custom_field import Rule
from upstream.logpush.destination import Destination
from upstream.logpush.difference import Difference
from upstream.logpush.job import Job
from upstream.place import Place, Zone

CUSTOM_FIELD = "custom_field"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedJob:
    """`body` is the complete desired job. Without a `job` it is to be created.

    `left_out` are documented fields that some Cloudflare plans refuse and the job does not select;
    `undocumented` are offered fields without a column in this version. `doubles` are the ids of
    other jobs that send the same records here.
    """

    place: Place
    dataset: str
    job: Job | None
    destination: Destination
    body: Mapping[str, Any] = field(repr=False)
    differences: tuple[Difference, ...] = ()
    left_out: tuple[str, ...] = ()
    undocumented: tuple[str, ...] = ()
    doubles: tuple[int, ...] = ()

    @property
    def what(self) -> str:
        return self.dataset

    @property
    def is_new(self) -> bool:
        return self.job is None

    @property
    def is_change(self) -> bool:
        return self.is_new or bool(self.differences)

    def update(self) -> dict[str, Any]:
        """Only the members that differ; all others stay as they are set."""
        names = {each.field.partition(".")[0] for each in self.differences}
        return {name: value for name, value in self.body.items() if name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRules:
    """Every desired rule of the phase. Without a `ruleset_id` the ruleset does not exist yet.

    `left_out` are headers for which there is no room beside those that somebody else selected.
    """

    place: Zone
    ruleset_id: str | None
    ruleset_name: str
    rules: tuple[Rule, ...]
    differences: tuple[Difference, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        return CUSTOM_FIELD

    @property
    def is_new(self) -> bool:
        return self.ruleset_id is None

    @property
    def is_change(self) -> bool:
        return bool(self.differences)


PlannedObject = PlannedJob | PlannedRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """An object that cannot be set up, and why. With `is_refused`, another token could do it."""

    place: Place
    what: str
    reason: str
    is_refused: bool = False

    @property
    def is_needed(self) -> bool:
        return self.what == CUSTOM_FIELD or self.what in desired_state.NEEDED


@dataclass(frozen=True, slots=True)
class Plan:
    """In the order of application: the custom field exists before the job that sends it."""

    rules: tuple[PlannedRules, ...]
    jobs: tuple[PlannedJob, ...]
    withheld: tuple[Withheld, ...]

    def all(self) -> Iterator[PlannedObject]:
        yield from self.rules
        yield from self.jobs

    @property
    def changes(self) -> tuple[PlannedObject, ...]:
        return tuple(each for each in self.all() if each.is_change)

    @property
    def lacks_something_needed(self) -> bool:
        return any(each.is_needed for each in self.withheld)

    def destinations(self) -> tuple[PlannedJob, ...]:
        """The jobs whose destinations must answer before anything changes."""
        return tuple(each for each in self.jobs if each.is_change) or self.jobs
