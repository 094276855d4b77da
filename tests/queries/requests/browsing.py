"""Requests of a browser, as its records are logged."""

from typing import Any

from tests.factories import record

BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0"
HOST = "jira.widgetcorp.example"

SENT = {
    "dest": "sec-fetch-dest",
    "mode": "sec-fetch-mode",
    "by_user": "sec-fetch-user",
    "purpose": "sec-purpose",
}


def asked(method: str, uri: str, content_type: str | None, status: Any = 200, **more: Any) -> Any:
    """A request of a browser; `dest`, `mode`, `by_user` and `purpose` are its Sec-Fetch headers."""
    headers = {header: more.pop(name) for name, header in SENT.items() if name in more}
    disposition = more.pop("disposition", None)
    return record(
        ClientRequestMethod=method,
        ClientRequestURI=uri,
        ClientRequestPath=uri.partition("?")[0],
        EdgeResponseContentType=content_type,
        EdgeResponseStatus=status,
        ClientRequestUserAgent=more.pop("agent", BROWSER),
        RequestHeaders={"cf-access-user": more.pop("user", "srhea"), **headers},
        ResponseHeaders={"content-disposition": disposition} if disposition else {},
        **more,
    )
