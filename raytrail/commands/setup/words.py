"""What `raytrail setup` prints about its plan and the result; never a secret."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from queries.escape import for_terminal
from store.files.layout import Layout
from upstream.logpush import desired_state, terraform
from upstream.logpush.apply import ConfirmedChange
from upstream.logpush.difference import Difference
from upstream.logpush.plan import CUSTOM_FIELD, Plan, PlannedJob, PlannedObject, Withheld
from upstream.place import Place


def as_object(
    plan: Plan, applied: Iterable[ConfirmedChange], withheld: Iterable[Withheld], *, is_trial: bool
) -> dict[str, Any]:
    return {
        "dry_run": is_trial,
        "changes": [_planned_object(each) for each in plan.changes],
        "fine": [_named(each.place, each.what) for each in plan.all() if not each.is_change],
        "applied": [each.as_object() for each in applied],
        "withheld": [
            {**_named(each.place, each.what), "reason": each.reason, "needed": each.is_needed}
            for each in withheld
        ],
    }


def _named(place: Place, what: str) -> dict[str, Any]:
    return {"place": place.id, "name": place.name, "what": what}


def _planned_object(planned: PlannedObject) -> dict[str, Any]:
    told = {
        **_named(planned.place, planned.what),
        "action": "create" if planned.is_new else "update",
        "differences": [each.as_object() for each in planned.differences],
    }
    if isinstance(planned, PlannedJob):
        told["destination"] = planned.destination.masked()
    return told


def lines(found: Plan) -> Iterator[str]:
    """The plan, for a person."""
    for planned in found.all():
        place, what = planned.place.name, planned.what
        action = "fine" if not planned.is_change else "create" if planned.is_new else "update"
        yield _line(action, place, what, _summary(planned))
        for each in planned.differences:
            yield f"{'':9}{for_terminal(_told(each))}"
    for withheld in found.withheld:
        yield _line("cannot", withheld.place.name, withheld.what, withheld.reason)
    if not found.changes:
        yield "nothing to do"


def last_lines(folder: Path) -> Iterator[str]:
    """What to know after a change."""
    path = Layout(folder).tokens
    if path.exists():
        yield f"the secret is in {path}, readable by its owner only"
    yield "Cloudflare applies the changes within 10 to 15 minutes"


def terraform_line(folder: Path) -> str:
    variable = f"TF_VAR_{terraform.TOKEN_VARIABLE}"
    return f'give Terraform the token: export {variable}="$(tail -n 1 {Layout(folder).tokens})"'


def _summary(planned: PlannedObject) -> str:
    if isinstance(planned, PlannedJob):
        fields = len(planned.body["output_options"].get("field_names", ()))
        return f"{fields} fields to {planned.destination.masked()}"
    names = (*desired_state.REQUEST_HEADERS, *desired_state.RESPONSE_HEADERS)
    logged = [name for name in names if name not in planned.left_out]
    without = f"; no room for {', '.join(planned.left_out)}" if planned.left_out else ""
    return f"headers {', '.join(logged)}{without}"


def _told(difference: Difference) -> str:
    if added := difference.added():
        return f"{difference.field}: + {', '.join(map(str, added))}"
    return f"{difference.field}: {difference.before!r} -> {difference.after!r}"


def outcome(of: ConfirmedChange | Withheld) -> str:
    """The result of one change."""
    if isinstance(of, Withheld):
        return _line("cannot", of.place.name, of.what, of.reason)
    planned = of.planned
    left_out = f", without {', '.join(of.left_out)}" if of.left_out else ""
    return _line("done", planned.place.name, planned.what, f"id {of.id}{left_out}")


def _line(action: str, place: str, what: str, text: str) -> str:
    shown = "custom field" if what == CUSTOM_FIELD else what
    return for_terminal(f"{action:8} {place}  {shown:16} {text}")
