"""`raytrail setup` from nothing to a job that sends here: against the stand-in, a real service."""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from raytrail.commands.setup.setup import SettingUp, Tokens, Wish
from store.catalog import ledger
from store.files.layout import Layout
from store.registers import tokens
from store.store import Store
from store.timestamps import system_clock
from tests.cloudflare_api.destination import split
from tests.cloudflare_api.rulesets import PHASE
from tests.cloudflare_api.world import ACCOUNT_ID, TOKEN, ZONE_ID, ZONE_NAME, Trouble, World
from tests.command import Command, Ended
from tests.service import TOKEN as INGEST_TOKEN
from tests.service import Service
from upstream.options import ApiOptions

ZONE = ("zones", ZONE_ID)
ACCOUNT = ("accounts", ACCOUNT_ID)
ONE = ("--dataset", "http_requests")
SEC_FETCH = ("sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user")


@dataclass
class Site:
    """Cloudflare, our service, and somebody at a terminal beside it."""

    world: World
    service: Service
    raytrail: Command
    url: str

    def setup(self, *arguments: str) -> Ended:
        return self.raytrail("setup", *arguments)

    def job(self, dataset: str) -> dict[str, Any]:
        place = ACCOUNT if dataset == "access_requests" else ZONE
        (job,) = (job for job in self.world.logpush.at(place) if job["dataset"] == dataset)
        return job

    def made_tokens(self) -> tuple[str, ...]:
        return tokens.read(Layout(self.service.data).tokens)

    def entries(self) -> list[tuple[str, Any]]:
        with (
            Store.open(self.service.data, system_clock) as store,
            store.catalog.read() as connection,
        ):
            return [(entry.kind, entry.payload) for entry in ledger.walk(connection)]

    def test_uploads(self) -> int:
        return sum(line.get("event") == "test upload" for line in self.service.log)

    def changes(self) -> list[tuple[str, str]]:
        """What Cloudflare was asked but for reading and for its word on a destination."""
        return [
            (method, path)
            for method, path in self.world.requests
            if method != "GET" and not path.endswith("/validate/destination")
        ]


@pytest.fixture
def site(
    world: World,
    destination: Service,
    raytrail: Command,
    cloudflare: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    Layout(destination.data).tokens.unlink(missing_ok=True)
    monkeypatch.setenv("RAYTRAIL_DATA", str(destination.data))
    monkeypatch.setenv("RAYTRAIL_PUBLIC_URL", destination.url)
    monkeypatch.setenv("RAYTRAIL_TOKENS", INGEST_TOKEN)
    return Site(world, destination, raytrail, cloudflare)


def test_setup_creates_jobs_that_send_every_field(site: Site) -> None:
    uploads, before = site.test_uploads(), len(site.entries())

    ended = site.setup()

    assert ended.returncode == 0, ended.stderr
    (token,) = site.made_tokens()
    for dataset in ("http_requests", "firewall_events", "access_requests"):
        job, options = site.job(dataset), site.job(dataset)["output_options"]
        url, headers = split(job["destination_conf"])
        assert url == f"{site.service.url}/logpush/{dataset}"
        assert headers == {"Authorization": f"Bearer {token}"}
        assert (job["enabled"], job["name"]) == (True, f"raytrail-{dataset}")
        assert options["timestamp_format"] == "rfc3339ns"
        assert (options["sample_rate"], options["output_type"]) == (1, "ndjson")
        assert options["CVE-2021-44228"] is False
    fields = site.job("http_requests")["output_options"]["field_names"]
    assert {"RequestHeaders", "Cookies", "ResponseHeaders", "RayID"} <= set(fields)
    assert "WAFFlags" not in fields  # Deprecated.
    (rule,) = site.world.rulesets.found[ZONE_ID, PHASE]["rules"]
    assert rule["expression"] == "true"
    selected = {
        kind: {each["name"] for each in names} for kind, names in rule["action_parameters"].items()
    }
    assert selected == {
        "request_fields": {"cf-access-user", *SEC_FETCH, "sec-purpose"},
        "response_fields": {"content-disposition", "content-length"},
    }
    # Tried by us, asked of Cloudflare, and tried by it at creation: three times three uploads.
    assert site.test_uploads() == uploads + 9
    kinds = [kind for kind, _ in site.entries()[before:]]
    assert kinds == ["token", "upstream", "upstream", "upstream", "upstream"]


def test_a_second_setup_changes_nothing(site: Site) -> None:
    site.setup()
    before, entries = site.changes(), len(site.entries())

    again = site.setup()

    assert again.returncode == 0
    assert again.stdout.splitlines()[-1] == "nothing to do"
    assert site.changes() == before
    assert len(site.entries()) == entries
    assert len(site.made_tokens()) == 1


def test_secrets_appear_only_in_the_tokens_file_and_in_requests_to_cloudflare(site: Site) -> None:
    outputs = [site.setup("--dry-run"), site.setup("--dry-run", "--json"), site.setup("--json")]
    site.job("firewall_events")["enabled"] = False
    job = site.job("http_requests")
    job["destination_conf"] += "&header_CF-Access-Client-Secret=a-door-key-of-somebody"
    outputs += [site.setup("--json"), site.setup("--terraform"), site.setup()]

    (token,) = site.made_tokens()
    seen = [each.stdout + each.stderr for each in outputs]
    seen += [json.dumps(payload) for _, payload in site.entries()]
    seen += site.service.raw_log
    for secret in (token, TOKEN, INGEST_TOKEN, "a-door-key-of-somebody"):
        assert not [text for text in seen if secret in text]
    assert sum("Bearer%20***" in text for text in seen) > 5
    assert "a-door-key-of-somebody" in job["destination_conf"]
    configuration = outputs[4].stdout
    assert "Secret=${var.raytrail_header_cf_access_client_secret}" in configuration
    assert f'id = "zones/{ZONE_ID}/{job["id"]}"' in configuration


def test_a_dry_run_says_what_would_change_and_changes_nothing(site: Site) -> None:
    ended = site.setup("--dry-run", "--json")

    facts = json.loads(ended.stdout)
    assert [each["action"] for each in facts["changes"]] == ["create"] * 4
    assert site.changes() == []
    assert site.made_tokens() == ()


def test_custom_fields_and_jobs_of_others_stay_as_they_are(site: Site) -> None:
    theirs = site.world.logpush.add(
        ZONE, dataset="http_requests", name="siem", destination_conf="s3://bucket/logs"
    )
    before = dict(theirs)
    server = {"name": "server", "preserve_duplicates": True}
    others = {
        "cookie_fields": [{"name": "__cfruid"}],
        "request_fields": [{"name": "referer"}],
        "response_fields": [server],
    }
    site.world.rulesets.put(
        ZONE_ID,
        PHASE,
        [{"action": "log_custom_field", "expression": "true", "action_parameters": others}],
    )

    assert site.setup(*ONE).returncode == 0

    assert theirs == before
    (rule,) = site.world.rulesets.found[ZONE_ID, PHASE]["rules"]
    after = rule["action_parameters"]
    assert after["cookie_fields"] == others["cookie_fields"]
    assert after["request_fields"][:2] == [{"name": "referer"}, {"name": "cf-access-user"}]
    assert after["response_fields"][0] == server


def test_a_job_made_by_hand_keeps_its_token_its_name_and_its_fields(site: Site) -> None:
    by_hand = site.world.logpush.add(
        ZONE,
        dataset="http_requests",
        name="to the audit store",
        enabled=True,
        destination_conf=f"{site.service.url}/logpush/http_requests/t/{INGEST_TOKEN}?tags=a:b",
        output_options={"field_names": ["WAFFlags", "RayID"], "timestamp_format": "unixnano"},
        max_upload_bytes=5_000_000,
        max_upload_interval_seconds=300,
    )
    destination = by_hand["destination_conf"]

    ended = site.setup(*ONE)

    assert ended.returncode == 0, ended.stderr
    assert site.job("http_requests") is by_hand
    assert by_hand["destination_conf"] == destination
    assert (by_hand["name"], by_hand["max_upload_bytes"]) == ("to the audit store", 5_000_000)
    options = by_hand["output_options"]
    assert options["field_names"][:2] == ["WAFFlags", "RayID"]
    assert "RequestHeaders" in options["field_names"]
    assert options["timestamp_format"] == "unixnano"  # It loses no digit.
    assert site.made_tokens() == ()


def test_a_job_with_a_token_that_nobody_knows_any_more_gets_one(site: Site) -> None:
    site.setup(*ONE)
    Layout(site.service.data).tokens.unlink()

    ended = site.setup(*ONE)

    assert ended.returncode == 0, ended.stderr
    assert "the service does not know its token" in ended.stdout
    (token,) = site.made_tokens()
    assert split(site.job("http_requests")["destination_conf"])[1] == {
        "Authorization": f"Bearer {token}"
    }


def test_a_job_of_ours_follows_a_new_address_and_another_services_does_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for dataset, token in (("firewall_events", INGEST_TOKEN), ("http_requests", "of-another")):
        site.world.logpush.add(
            ZONE,
            dataset=dataset,
            name=f"raytrail-{dataset}",
            enabled=True,
            destination_conf=f"https://old.example/logpush/{dataset}?header_Authorization=Bearer%20{token}",
        )
    (ours, theirs) = site.world.logpush.at(ZONE)
    before = dict(theirs)

    assert site.setup("--dataset", "http_requests", "--dataset", "firewall_events").returncode == 0

    assert split(ours["destination_conf"])[0] == f"{site.service.url}/logpush/firewall_events"
    assert theirs == before
    assert len(site.world.logpush.at(ZONE)) == 3


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:9", "cannot be reached: Connection refused"),
        ("http://logs.example.com", "https only"),
    ],
)
def test_nothing_is_created_if_the_public_url_does_not_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch, url: str, why: str
) -> None:
    monkeypatch.setenv("RAYTRAIL_PUBLIC_URL", url)

    ended = site.setup()

    assert ended.returncode == 2
    assert why in ended.stderr
    assert site.changes() == []


class _Login(BaseHTTPRequestHandler):
    """A login page in front of everything."""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", "https://team.cloudflareaccess.com/login?secret=1")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def test_an_access_login_in_front_of_the_service_is_reported(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HTTPServer(("127.0.0.1", 0), _Login) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("RAYTRAIL_PUBLIC_URL", f"http://127.0.0.1:{server.server_port}")
        ended = site.setup()
        server.shutdown()

    assert ended.returncode == 2
    assert "redirects to team.cloudflareaccess.com (status 302)" in ended.stderr
    assert site.changes() == []


def test_an_address_that_cloudflare_cannot_use_is_reported(site: Site) -> None:
    site.world.logpush.reaches_destinations = False

    ended = site.setup()

    assert ended.returncode == 2
    assert "Cloudflare cannot use" in ended.stderr
    assert "error validating destination" in ended.stderr
    assert site.changes() == []


def test_a_job_is_created_once_even_if_the_answer_is_lost(site: Site) -> None:
    site.world.troubles.append(Trouble("/logpush/jobs", 503))

    lost, again = site.setup(), site.setup()

    assert (lost.returncode, again.returncode) == (2, 0)
    asked = [path for method, path in site.changes() if method == "POST"]
    assert asked.count(f"/zones/{ZONE_ID}/logpush/jobs") == 3
    assert len(site.world.logpush.every()) == 3


def test_no_value_shows_a_secret(site: Site) -> None:
    site.setup(*ONE)
    run = SettingUp(
        options=ApiOptions(token=TOKEN, url=site.url),
        wish=Wish(zones=(ZONE_NAME,), account="", public_url=site.service.url),
        make_token=lambda: "never-made",
        settings_tokens=(INGEST_TOKEN,),
        tell=lambda _: None,
    )

    shown = repr(run) + repr(run.trial(site.service.data))

    assert "PlannedJob" in shown
    for secret in (*site.made_tokens(), INGEST_TOKEN, TOKEN):
        assert secret not in shown


def test_a_service_on_another_data_folder_is_detected(site: Site, tmp_path: Any) -> None:
    ended = site.setup("--data", str(tmp_path / "elsewhere"))

    assert ended.returncode == 2
    assert "does not know the token" in ended.stderr
    assert "Bearer%20***" in ended.stderr
    assert site.changes() == []


def test_datasets_outside_the_plan_are_reported_and_the_others_are_set_up(site: Site) -> None:
    site.world.logpush.datasets_without_jobs = frozenset({"firewall_events"})
    site.world.permissions -= {"pii"}

    ended = site.setup()

    assert ended.returncode == 0  # The trail is whole without them.
    assert site.job("http_requests")["enabled"] is True
    assert "exceeded max jobs allowed" in ended.stdout
    assert "'Zero Trust: PII Read'" in ended.stdout
    assert len(site.world.logpush.every()) == 1


def test_setup_exits_with_1_if_a_field_that_trails_need_is_missing(site: Site) -> None:
    for number in range(4):
        site.world.logpush.add(
            ZONE, dataset="dns_logs", name=f"siem {number}", destination_conf="s3://bucket/logs"
        )

    ended = site.setup("--json")

    assert ended.returncode == 1
    withheld = {each["what"]: each for each in json.loads(ended.stdout)["withheld"]}
    assert {name: each["needed"] for name, each in withheld.items()} == {
        "http_requests": True,
        "firewall_events": False,
    }
    assert "exceeded max jobs allowed" in withheld["http_requests"]["reason"]
    assert site.job("access_requests")["enabled"] is True


def test_fields_that_the_plan_refuses_are_left_out_for_good(site: Site) -> None:
    refused = frozenset({"BotScore", "JA4"})
    site.world.logpush.fields_not_allowed = {"Bot Management": refused}

    first, again = site.setup(*ONE), site.setup(*ONE)

    assert (first.returncode, again.returncode) == (0, 0)
    assert "without BotDetectionIDs" in first.stdout
    assert not refused & set(site.job("http_requests")["output_options"]["field_names"])
    assert again.stdout.splitlines()[-1] == "nothing to do"


@pytest.mark.parametrize(
    ("lacking", "named", "status"),
    [
        ({"logs", "rulesets"}, "'Logs: Write'", 3),
        ({"logs"}, "'Logs: Write'", 1),
        ({"zone"}, "'Zone: Read'", 3),
    ],
)
def test_a_refused_api_token_is_reported_with_the_missing_permission(
    site: Site, lacking: set[str], named: str, status: int
) -> None:
    site.world.permissions -= lacking

    ended = site.setup()

    assert ended.returncode == status
    assert named in ended.stdout + ended.stderr


def test_only_the_named_datasets_are_set_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAYTRAIL_CLOUDFLARE_ZONES")
    monkeypatch.delenv("RAYTRAIL_CLOUDFLARE_ACCOUNT")

    unnamed = site.setup()
    wrong = site.setup("--zone", ZONE_NAME, "--dataset", "gateway_dns")
    right = site.setup("--zone", ZONE_NAME, "--dataset", "firewall_events")

    assert (unnamed.returncode, wrong.returncode, right.returncode) == (3, 2, 0)
    assert "--zone" in unnamed.stderr
    assert "cannot set up gateway_dns" in wrong.stderr
    assert [job["dataset"] for job in site.world.logpush.every()] == ["firewall_events"]
    assert site.world.rulesets.found == {}


def test_the_terraform_output_is_complete_and_has_the_token_as_a_variable(site: Site) -> None:
    others = {"request_fields": [{"name": "${referer}"}]}
    site.world.rulesets.put(
        ZONE_ID,
        PHASE,
        [{"action": "log_custom_field", "expression": "true", "action_parameters": others}],
    )

    ended = site.setup("--terraform")

    assert ended.returncode == 0
    assert site.changes() == []
    assert len(site.made_tokens()) == 1  # It must be valid before anybody is given it.
    assert "tail -n 1" in ended.stderr
    text = ended.stdout
    address = f"{site.service.url}/logpush/http_requests?header_Authorization=Bearer%20"
    assert f'destination_conf = "{address}${{var.raytrail_ingest_token}}"' in text
    assert "sensitive = true" in text
    assert 'name = "$${referer}"' in text
    for name in ("cf-access-user", *SEC_FETCH, "sec-purpose"):
        assert text.count(f'name = "{name}"') == 1
    responses = text.partition("response_fields = [")[2].partition("]")[0]
    assert 'name = "content-disposition"' in responses
    assert 'name = "content-length"' in responses
    assert "cve_2021_44228 = false" in text
    ruleset = site.world.rulesets.found[ZONE_ID, PHASE]["id"]
    assert f'id = "zones/{ZONE_ID}/{ruleset}"' in text


def test_the_repr_of_known_tokens_contains_no_token(tmp_path: Path) -> None:
    known = Tokens.of(["one-of-the-settings"], tmp_path / "none", lambda: "one-that-was-made")

    assert known.known | {known.chosen} == {"one-of-the-settings", "one-that-was-made"}
    assert "one-" not in repr(known)
