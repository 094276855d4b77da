"""How Logpush reads the address of an HTTP destination, and the upload that validates one."""

import gzip
import re
from urllib.parse import unquote

import httpx2

# Seen in the dashboard; plain HTTP is ours, for loopback only: there is no certificate here.
ALLOWED = re.compile(r"[a-zA-Z0-9.,_:/?%+&={}-]+")
LETTERS_MAX = 4096
TEST_BODY = gzip.compress(b'{"content":"tests"}', mtime=0)
UPLOAD_SECONDS_MAX = 10.0
NOT_UPLOADED = "error validating destination: error writing object: error uploading"


def complaint_about(text: str) -> str:
    is_secure = text.startswith(("https://", "http://127.0.0.1"))
    if not is_secure or len(text) > LETTERS_MAX or not ALLOWED.fullmatch(text):
        return "error parsing destination_conf: invalid destination"
    return ""


def split(text: str) -> tuple[str, dict[str, str]]:
    """The URL and the headers of an upload."""
    base, _, query = text.partition("?")
    kept, headers = [], {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        if name.startswith("header_"):
            headers[name.removeprefix("header_")] = unquote(value)
        else:
            kept.append(pair)
    return (f"{base}?{'&'.join(kept)}" if kept else base), headers


async def upload(text: str) -> str:
    """Upload the test file; Cloudflare's message if the answer is not 2xx."""
    url, headers = split(text)
    try:
        # Loading all certificates would take longer than the upload to loopback.
        async with httpx2.AsyncClient(
            timeout=UPLOAD_SECONDS_MAX, trust_env=False, verify=False
        ) as client:
            sent = {"Content-Encoding": "gzip", **headers}
            answer = await client.post(url, content=TEST_BODY, headers=sent)
    except httpx2.HTTPError:
        return NOT_UPLOADED
    if answer.status_code // 100 == 2:
        return ""
    return f"{NOT_UPLOADED} to https: status:{answer.status_code} {answer.text.strip()}"
