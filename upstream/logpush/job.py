"""Logpush jobs as Cloudflare has them; what the API answers becomes values here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs

from cloudflare import Cloudflare

from upstream.connection import Connection
from upstream.errors import ApiChanged
from upstream.logpush.destination import MASK, Destination
from upstream.permissions import LOGS_WRITE
from upstream.place import Place, keys
from upstream.rest_result import result

# A message may repeat what our own receiver said, and is shown in a line.
MESSAGE_LETTERS_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`options` is all the rest as it came; times are RFC 3339, or empty."""

    id: int
    dataset: str
    name: str
    destination: Destination
    options: Mapping[str, Any] = field(repr=False)
    last_complete: str
    last_error: str
    error_message: str

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        try:
            destination = Destination(str(told.get("destination_conf") or ""))
            return cls(
                id=int(told["id"]),
                dataset=str(told["dataset"]),
                name=told.get("name") or "",
                destination=destination,
                options={k: v for k, v in told.items() if k != "destination_conf"},
                last_complete=told.get("last_complete") or "",
                last_error=told.get("last_error") or "",
                error_message=scrubbed(told.get("error_message") or "", destination),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ApiChanged(f"a Logpush job without {type(error).__name__}: {error}") from None

    @property
    def output(self) -> Mapping[str, Any]:
        """The output options, also of a job that still has the older text instead."""
        return self.options.get("output_options") or _older(self.options.get("logpull_options"))

    @property
    def selected(self) -> tuple[str, ...]:
        return tuple(self.output.get("field_names") or ())


def jobs(connection: Connection, place: Place, dataset: str) -> tuple[Job, ...]:
    """Every job of that dataset there, whoever made it."""
    name: Any = dataset

    def ask(sdk: Cloudflare) -> Any:
        return result(sdk.logpush.datasets.jobs.with_raw_response.get(name, **keys(place)))

    return tuple(Job.read(each) for each in connection.rest(LOGS_WRITE, ask) or ())


def offered_fields(connection: Connection, place: Place, dataset: str) -> tuple[str, ...]:
    """The fields that Cloudflare offers for this dataset there."""
    name: Any = dataset

    def ask(sdk: Cloudflare) -> Any:
        return result(sdk.logpush.datasets.fields.with_raw_response.get(name, **keys(place)))

    return tuple(connection.rest(LOGS_WRITE, ask) or ())


def scrubbed(text: str, destination: Destination) -> str:
    """Without anything of the destination that is secret; texts of others may repeat it."""
    for secret in destination.secrets():
        if secret:
            text = text.replace(secret, MASK)
    return text[:MESSAGE_LETTERS_MAX]


def _older(text: str | None) -> dict[str, Any]:
    """`fields=A,B&timestamps=rfc3339&sample=0.1`, as Logpull had it."""
    told = parse_qs(text or "")
    options: dict[str, Any] = {}
    if fields := told.get("fields"):
        options["field_names"] = fields[0].split(",")
    if timestamps := told.get("timestamps"):
        options["timestamp_format"] = timestamps[0]
    if sample := told.get("sample"):
        options["sample_rate"] = _number(sample[0])
    if told.get("CVE-2021-44228") == ["true"]:
        options["CVE-2021-44228"] = True
    return options


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
