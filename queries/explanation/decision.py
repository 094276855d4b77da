"""Which part of Cloudflare, or the origin, made the answer to a request, in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from queries.explanation.layer import Layer, Outcome
from queries.explanation.records import LoggedRequest

_REDIRECTS = range(300, 400)
_REFUSALS = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Decision:
    """`answered_by` is the name of a layer, `cloudflare` if it is not known which, or None."""

    answered_by: str | None
    text: str


def decide(request: LoggedRequest, layers: Sequence[Layer]) -> Decision:
    for layer in layers:
        if layer.outcome is Outcome.ANSWERED:
            return Decision(layer.name, layer.text)
    origin = layers[-1]
    if origin.outcome is Outcome.NOT_ASKED:
        return Decision("cloudflare", _unnamed(request))
    return Decision(None, origin.text)


def _unnamed(request: LoggedRequest) -> str:
    status = request.status
    if status in _REFUSALS:
        return (
            f"Cloudflare answered {status} before the origin was asked, and no record here says"
            " which part did. Access leaves no field in http_requests: its login event would tell."
        )
    if status in _REDIRECTS:
        return (
            f"Cloudflare answered with a redirect ({status}) before the origin was asked. Access"
            " sends people to its login in this way; redirect rules do the same."
        )
    return f"Cloudflare answered {status} itself; no record here says which part did."
