"""A plan as a Terraform configuration (provider v5).

Existing objects are imported, not created again. Every secret is a variable; the text has none.
"""

import re
from collections.abc import Iterator
from typing import Any

from upstream.logpush import desired_state, hcl
from upstream.logpush.destination import AUTHORIZATION, HEADER, SHOWN, Destination
from upstream.logpush.hcl import Expression
from upstream.logpush.plan import Plan, PlannedJob, PlannedObject, PlannedRules
from upstream.place import Place, Zone

TOKEN_VARIABLE = "raytrail_ingest_token"  # noqa: S105 (a name)

PROVIDER = """terraform {
  required_providers {
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "~> 5.0"
    }
  }
}"""

# The provider's name for an option whose name is not an identifier in Terraform.
OUTPUT_NAMES = {"CVE-2021-44228": "cve_2021_44228"}
RULE_ATTRIBUTES = ("ref", "action", "expression", "description", "enabled", "action_parameters")


def configuration(plan: Plan) -> str:
    """The complete desired state as the text of one file."""
    blocks = [PROVIDER, *_variables(plan)]
    for each in plan.all():
        blocks += [_rules(each) if isinstance(each, PlannedRules) else _job(each)]
        blocks += _import(each)
    return "\n\n".join(blocks) + "\n"


def _variables(plan: Plan) -> Iterator[str]:
    names = [TOKEN_VARIABLE] if plan.jobs else []
    for job in plan.jobs:
        names += [_variable(pair) for pair in _hidden(job.destination)]
    for name in dict.fromkeys(names):
        attributes = {"type": Expression("string"), "sensitive": True}
        yield hcl.block("variable", [name], attributes)


def _rules(planned: PlannedRules) -> str:
    rules = [
        {name: _plain(rule[name]) for name in RULE_ATTRIBUTES if rule.get(name) is not None}
        for rule in planned.rules
    ]
    attributes = {
        **_place(planned.place),
        "name": planned.ruleset_name or "default",
        "kind": "zone",
        "phase": desired_state.PHASE,
        "rules": rules,
    }
    return hcl.block("resource", [_type(planned), _label(planned)], attributes)


def _job(planned: PlannedJob) -> str:
    body = {name: _plain(value) for name, value in planned.body.items()}
    options = {OUTPUT_NAMES.get(k, k): v for k, v in body.pop("output_options").items()}
    # The provider does not know it, so Cloudflare's value stays.
    body.pop("transformer_id", None)
    attributes = {
        **_place(planned.place),
        **body,
        "destination_conf": _address(planned.destination),
        "output_options": options,
    }
    return hcl.block("resource", [_type(planned), _label(planned)], attributes)


def _address(destination: Destination) -> Expression:
    """The destination, with variables for its secrets."""
    base, _, query = destination.text.partition("?")
    pairs = [f"{HEADER}Authorization=Bearer%20${{var.{TOKEN_VARIABLE}}}"]
    for pair in filter(None, query.split("&")):
        name = pair.partition("=")[0]
        if name.lower() in SHOWN:
            pairs.append(hcl.escaped(pair))
        elif name.lower() != AUTHORIZATION:
            pairs.append(f"{hcl.escaped(name)}=${{var.{_variable(pair)}}}")
    before = base.partition("/t/")[0]
    return Expression(f'"{hcl.escaped(before)}?{"&".join(pairs)}"')


def _hidden(destination: Destination) -> Iterator[str]:
    for pair in filter(None, destination.text.partition("?")[2].split("&")):
        name = pair.partition("=")[0].lower()
        if name not in SHOWN and name != AUTHORIZATION:
            yield pair


def _import(planned: PlannedObject) -> Iterator[str]:
    if isinstance(planned, PlannedRules):
        found, scope = planned.ruleset_id, "zones"
    else:
        found = str(planned.job.id) if planned.job else None
        scope = "zones" if isinstance(planned.place, Zone) else "accounts"
    if found is not None:
        attributes = {
            "to": Expression(f"{_type(planned)}.{_label(planned)}"),
            "id": f"{scope}/{planned.place.id}/{found}",
        }
        yield hcl.block("import", [], attributes)


def _place(place: Place) -> dict[str, str]:
    return {"zone_id" if isinstance(place, Zone) else "account_id": place.id}


def _type(planned: PlannedObject) -> str:
    is_rules = isinstance(planned, PlannedRules)
    return "cloudflare_ruleset" if is_rules else "cloudflare_logpush_job"


def _label(planned: PlannedObject) -> str:
    return f"raytrail_{planned.what}_{_identifier(planned.place.name)}"


def _variable(pair: str) -> str:
    name = pair.partition("=")[0].lower()
    return f"raytrail_{re.sub(r'[^a-z0-9]+', '_', name)}"


def _identifier(name: str) -> str:
    """Hyphens stay, so that two zones never get the same label."""
    return re.sub(r"[^a-z0-9-]+", "_", name.lower())


def _plain(value: Any) -> Any:
    """Without members that are None: Terraform omits attributes without a value."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
