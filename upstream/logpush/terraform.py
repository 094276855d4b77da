"""A plan as Terraform's configuration, for whoever keeps Cloudflare's settings there (provider v5).

What exists is imported, not made again. Every secret is a variable; none is in the text.
"""

import re
from collections.abc import Iterator
from typing import Any

from upstream.logpush import hcl, wanted
from upstream.logpush.destination import AUTHORIZATION, HEADER, SHOWN, Destination
from upstream.logpush.hcl import Expression
from upstream.logpush.plan import Plan, Planned, PlannedJob, PlannedRules
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

# The provider's own name for an option whose name is no identifier there.
OUTPUT_NAMES = {"CVE-2021-44228": "cve_2021_44228"}
RULE_ATTRIBUTES = ("ref", "action", "expression", "description", "enabled", "action_parameters")


def configuration(plan: Plan) -> str:
    """The whole wanted state as one file's text."""
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
        "phase": wanted.PHASE,
        "rules": rules,
    }
    return hcl.block("resource", [_type(planned), _label(planned)], attributes)


def _job(planned: PlannedJob) -> str:
    body = {name: _plain(value) for name, value in planned.body.items()}
    options = {OUTPUT_NAMES.get(k, k): v for k, v in body.pop("output_options").items()}
    # The provider does not know it, and what Cloudflare has stays as it is.
    body.pop("transformer_id", None)
    attributes = {
        **_place(planned.place),
        **body,
        "destination_conf": _address(planned.destination),
        "output_options": options,
    }
    return hcl.block("resource", [_type(planned), _label(planned)], attributes)


def _address(destination: Destination) -> Expression:
    """The destination with variables where it has secrets."""
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


def _import(planned: Planned) -> Iterator[str]:
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


def _type(planned: Planned) -> str:
    is_rules = isinstance(planned, PlannedRules)
    return "cloudflare_ruleset" if is_rules else "cloudflare_logpush_job"


def _label(planned: Planned) -> str:
    return f"raytrail_{planned.what}_{_identifier(planned.place.name)}"


def _variable(pair: str) -> str:
    name = pair.partition("=")[0].lower()
    return f"raytrail_{re.sub(r'[^a-z0-9]+', '_', name)}"


def _identifier(name: str) -> str:
    """A hyphen may stay, so that no two zones have one name here."""
    return re.sub(r"[^a-z0-9-]+", "_", name.lower())


def _plain(value: Any) -> Any:
    """Without what is not set: Terraform leaves out what has no value."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
