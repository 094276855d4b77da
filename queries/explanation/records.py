"""The logged records that explain one request, as values. Fields have the order of the SQL columns."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One row of `http_requests`. None is a field that the record did not have."""

    seen_at: datetime | None
    user_id: str | None
    user_source: str | None
    method: str | None
    host: str | None
    host_key: str | None
    uri: str | None
    status: int | None
    ip: str | None
    country: str | None
    user_agent: str | None
    source: str | None
    ray_id: str | None
    parent_ray_id: str | None
    data_center: str | None
    pathing_source: str | None
    pathing_operation: str | None
    pathing_status: str | None
    security_action: str | None
    security_rule: str | None
    security_rule_text: str | None
    security_actions: list[str] | None
    security_rules: list[str] | None
    security_sources: list[str] | None
    cache_status: str | None
    worker: str | None
    worker_status: str | None
    is_subrequest: bool | None
    subrequests: int | None
    origin_status: int | None
    edge_server_ip: str | None
    origin_ip: str | None
    origin_tcp_ms: int | None
    origin_tls_ms: int | None
    origin_wait_ms: int | None
    origin_ms: int | None
    zone: str | None
    batch_id: str
    line_number: int

    def let_through_by(self) -> dict[str, object]:
        """What `is_let_through` judges by, under the names of its parameters."""
        return {
            "method": self.method,
            "status": self.status,
            "security_action": self.security_action,
            "cache_status": self.cache_status,
            "worker_status": self.worker_status,
            "origin_status": self.origin_status,
        }


@dataclass(frozen=True, slots=True)
class Child:
    """A request that another one caused."""

    seen_at: datetime | None
    method: str | None
    host: str | None
    uri: str | None
    status: int | None
    origin_status: int | None
    source: str | None
    is_subrequest: bool | None
    ray_id: str | None
    batch_id: str
    line_number: int


@dataclass(frozen=True, slots=True)
class FirewallEvent:
    """What a security rule did. `is_later`: the answer to a challenge of the explained request."""

    seen_at: datetime | None
    action: str | None
    source: str | None
    rule: str | None
    rule_text: str | None
    host: str | None
    uri: str | None
    status: int | None
    origin_status: int | None
    ip: str | None
    country: str | None
    ray_id: str | None
    is_later: bool
    batch_id: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Login:
    """A login, a logout or another event of Access, from whichever source."""

    seen_at: datetime | None
    user_id: str | None
    event: str
    allowed: bool | None
    application: str | None
    connection: str | None
    ip: str | None
    country: str | None
    ray_id: str | None
    source: str
    batch_id: str
    line_number: int
