"""One marked request through a protected host, as a visitor makes it."""

import httpx2

from upstream.options import CanaryOptions

# What Logpush logs as part of ClientRequestURI; queries/sql/completeness/canaries.sql looks for it.
MARK = "raytrail-canary"

# Whether the host answers well is not the question; that it takes this long, is one.
ANSWER_SECONDS_MAX = 30.0


def send(options: CanaryOptions, mark: str) -> int | None:
    """The answer's status, be it a redirect to a login; None where there was none."""
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
