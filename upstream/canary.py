"""Sends a canary: one marked request to a protected host, like a visitor's."""

import httpx2

from upstream.options import CanaryOptions

# The query parameter with the mark. Logpush logs it in ClientRequestURI, where queries/sql/completeness/canaries.sql looks for it.
MARK = "raytrail-canary"

# The content of the answer does not matter, but no answer for this long is a failure.
ANSWER_SECONDS_MAX = 30.0


def send(options: CanaryOptions, mark: str) -> int | None:
    """The status of the answer, which may be a redirect to a login; None without an answer."""
    headers = {}
    if options.client_id:
        headers = {
            "CF-Access-Client-Id": options.client_id,
            "CF-Access-Client-Secret": options.client_secret,
        }
    url = httpx2.URL(options.url).copy_merge_params({MARK: mark})
    try:
        with (
            httpx2.Client(timeout=ANSWER_SECONDS_MAX, follow_redirects=False) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            return response.status_code
    except httpx2.HTTPError:
        return None
