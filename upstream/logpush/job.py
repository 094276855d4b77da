"""Logpush jobs as the API returns them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from upstream.connection import Connection
from upstream.errors import ApiChanged
from upstream.logpush.destination import Destination
from upstream.permissions import LOGS_WRITE
from upstream.place import Place
from upstream.rest_result import result, utc_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`options` holds every setting as it came, except the destination with its secrets.

    `last_complete` is the end of the log time that was pushed last.
    """

    place: Place
    id: int
    dataset: str
    name: str
    destination: Destination
    options: Mapping[str, Any] = field(repr=False)
    last_complete: datetime | None
    last_error: str
    error_message: str

    @property
    def is_enabled(self) -> bool:
        return bool(self.options.get("enabled"))

    @property
    def output(self) -> Mapping[str, Any]:
        """The output options, also of a job that has the older `logpull_options` instead."""
        return self.options.get("output_options") or _older(self.options.get("logpull_options"))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that it sends."""
        return tuple(self.output.get("field_names") or ())

    @property
    def reductions(self) -> tuple[str, ...]:
        """Why it sends fewer records than there were, or changed ones."""
        return tuple(_reductions(self.options, self.output))


def jobs(connection: Connection, place: Place) -> tuple[Job, ...]:
    """Every Logpush job of a zone or account, ordered by id."""
    return _read(connection, place, f"{place.path}/logpush/jobs")


def jobs_of_dataset(connection: Connection, place: Place, dataset: str) -> tuple[Job, ...]:
    return _read(connection, place, f"{place.path}/logpush/datasets/{dataset}/jobs")


def offered_fields(connection: Connection, place: Place, dataset: str) -> tuple[str, ...]:
    """The fields that Cloudflare offers for this dataset there."""
    path = f"{place.path}/logpush/datasets/{dataset}/fields"
    return tuple(result(connection.get(path, LOGS_WRITE)) or ())


def read_job(place: Place, answer: Mapping[str, Any]) -> Job:
    """One job of the API's answer. Raises ApiChanged where it has another shape."""
    try:
        destination = Destination(str(answer.get("destination_conf") or ""))
        return Job(
            place=place,
            id=int(answer["id"]),
            dataset=answer.get("dataset") or "",
            name=answer.get("name") or "",
            destination=destination,
            options={k: v for k, v in answer.items() if k != "destination_conf"},
            last_complete=utc_time(answer.get("last_complete")),
            last_error=answer.get("last_error") or "",
            error_message=destination.redacted(answer.get("error_message") or ""),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ApiChanged(f"a Logpush job cannot be read: {type(error).__name__}: {error}") from None


def _read(connection: Connection, place: Place, path: str) -> tuple[Job, ...]:
    found = result(connection.get(path, LOGS_WRITE)) or ()
    return tuple(sorted((read_job(place, each) for each in found), key=lambda job: job.id))


def _reductions(options: Mapping[str, Any], output: Mapping[str, Any]) -> Iterator[str]:
    rate = output.get("sample_rate")
    if isinstance(rate, str):
        yield f"its sample rate {rate!r} cannot be read"
    elif rate is not None and rate < 1:
        yield f"it is sampled: {rate:.4g} of the records"
    if options.get("filter"):
        yield "it has a filter"
    if options.get("filter_attack_traffic"):
        yield "it leaves attack traffic out"
    if options.get("transformer_id"):
        yield "a transformer may drop or redact records"
    if output.get("CVE-2021-44228"):
        yield "it rewrites what looks like an attack on Log4j"
    if output.get("record_template"):
        yield "its record template may leave out fields"


def _older(text: str | None) -> dict[str, Any]:
    """Parses `fields=A,B&timestamps=rfc3339&sample=0.1`, the older form of the options."""
    given = parse_qs(text or "")
    options: dict[str, Any] = {}
    if fields := given.get("fields"):
        options["field_names"] = fields[0].split(",")
    if timestamps := given.get("timestamps"):
        options["timestamp_format"] = timestamps[0]
    if sample := given.get("sample"):
        options["sample_rate"] = _number(sample[0])
    if given.get("CVE-2021-44228") == ["true"]:
        options["CVE-2021-44228"] = True
    return options


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
