"""The names of datasets that Cloudflare documents, and the name that a misspelt one may mean.

A name that is not listed is not refused where batches arrive: Cloudflare adds datasets, and a batch
must not be lost. Where a person types a name, a slip would put records into a wrong dataset.
"""

import difflib
import re
from collections.abc import Iterable

from schema.dataset import datasets

# Those that a Logpush job may name, by Cloudflare's reference of its API.
DOCUMENTED = frozenset(
    {
        "access_requests",
        "account_abuse_protection_events",
        "audit_logs",
        "audit_logs_v2",
        "biso_user_actions",
        "casb_findings",
        "device_posture_results",
        "dex_application_tests",
        "dex_device_state_events",
        "dlp_forensic_copies",
        "dns_firewall_logs",
        "dns_logs",
        "email_security_alerts",
        "email_security_post_delivery_events",
        "firewall_events",
        "gateway_dns",
        "gateway_http",
        "gateway_network",
        "http_requests",
        "ipsec_logs",
        "magic_bgp_logs",
        "magic_ids_detections",
        "mcp_portal_logs",
        "mnm_flow_logs",
        "nel_reports",
        "network_analytics_logs",
        "page_shield_events",
        "sinkhole_http_logs",
        "spectrum_events",
        "ssh_logs",
        "turnstile_events",
        "warp_config_changes",
        "warp_toggle_changes",
        "websocket_analytics",
        "workers_trace_events",
        "zaraz_events",
        "zero_trust_network_sessions",
    }
)

# How similar a name is that is offered as the one that was meant, and one that was surely meant: of
# eight letters one differs.
OFFERED_FROM = 0.7
SLIP_FROM = 0.85

# Cloudflare names a new version of a dataset like this; it is no slip of the old name.
_VERSION = re.compile(r"_v[0-9]+$")


def is_known(name: str) -> bool:
    return name in DOCUMENTED or name in datasets()


def nearest(name: str, others: Iterable[str] = ()) -> str | None:
    """The known name that is most similar; `others` are known too. None if none is similar."""
    return _most_similar(name, others, OFFERED_FROM)


def slip_of(name: str, others: Iterable[str] = ()) -> str | None:
    """The known name of which this one is most likely a misspelling; None if it is none."""
    if is_known(name) or is_known(_VERSION.sub("", name)):
        return None
    return _most_similar(name, others, SLIP_FROM)


def _most_similar(name: str, others: Iterable[str], cutoff: float) -> str | None:
    known = sorted({*DOCUMENTED, *datasets(), *others})
    return next(iter(difflib.get_close_matches(name, known, 1, cutoff)), None)
