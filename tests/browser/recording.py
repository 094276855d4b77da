"""Records what Chromium sends for each act: the golden table of tests/golden/chromium.json.

`python -m tests.browser.recording` writes the table again.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser import chromium
from tests.browser.acts import ACTS, Doing
from tests.browser.site import HOST, OTHER_HOST, Request, served
from tests.tls import Pem, self_signed

GOLDEN = Path(__file__).parents[1] / "golden" / "chromium.json"

Table = dict[str, list[Request]]


def recorded(program: str, folder: Path) -> Table:
    """Each act and the requests that it caused, in the order in which they came."""
    pem = self_signed(folder)
    pages = {path: html for act in ACTS for path, html in act.pages().items()}
    with served(pem, pages) as (site, port):
        hosts = {HOST: port, OTHER_HOST: port}
        with chromium.running(program, folder, hosts, _key_hash(pem)) as browser:
            for act in ACTS:
                tab = browser.tab()
                act.do(Doing(act, browser, tab, site))
                site.quiet()
                tab.close()
        return {act.name: site.of(act.name) for act in ACTS}


def golden() -> Table:
    table: Table = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return table


def _lines(table: Table) -> str:
    """JSON with a line for each request, so that a person can compare two tables."""
    acts = [
        f"{json.dumps(act)}: [\n" + ",\n".join(f"  {json.dumps(each)}" for each in requests) + "\n]"
        for act, requests in table.items()
    ]
    return "{\n" + ",\n".join(acts) + "\n}\n"


def _key_hash(pem: Pem) -> str:
    """As Chromium wants it: SHA-256 of the public key's DER, in Base64."""
    command = (
        f"openssl x509 -in {pem.certificate} -pubkey -noout | openssl pkey -pubin -outform der"
    )
    der = subprocess.run(["sh", "-c", command], check=True, capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


def main() -> None:
    program = chromium.program()
    if program is None:
        sys.exit("NO CHROMIUM: install it with `apt-get install chromium`")
    with tempfile.TemporaryDirectory() as folder:
        table = recorded(program, Path(folder))
    GOLDEN.write_text(_lines(table), encoding="utf-8")


if __name__ == "__main__":
    main()
