"""What the container files and the systemd unit promise, as far as text can be checked."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from raytrail import setting_names
from raytrail.errors import BAD_CONFIGURATION, DISK_FAILED
from raytrail.service.supervisor import RECEIVER_SECONDS_MAX
from raytrail.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
DOCKERIGNORE = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
CADDYFILE = (ROOT / "deploy/Caddyfile").read_text(encoding="utf-8")
UNIT_FILE = ROOT / "deploy/raytrail.service"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = [
    pattern.rstrip("*")
    for pattern in PYPROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
]


def service(name: str) -> str:
    """The lines of one service of docker-compose.yml, comments left out."""
    found = re.search(rf"^  {name}:\n((?:    .*\n|\n|  #.*\n)*)", COMPOSE, re.MULTILINE)
    assert found, f"no service {name}"
    return re.sub(r"\s#.*", "", found[1])


def directives(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if not line.lstrip().startswith("#")]


def instruction(name: str) -> list[str]:
    """The arguments, read as JSON, of the last such instruction of the Dockerfile."""
    arguments = re.findall(rf"^ *{name} (\[.*\])$", DOCKERFILE, re.MULTILINE)
    return [str(argument) for argument in json.loads(arguments[-1])]


def test_the_image_runs_as_a_fixed_user_that_is_not_root() -> None:
    users = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)

    assert users == [("10001", "10001")]
    assert DOCKERFILE.index("USER 10001") < DOCKERFILE.index("ENTRYPOINT")


def test_everything_the_image_installs_is_pinned_by_hash() -> None:
    installs = re.findall(r"pip install (.*)$", DOCKERFILE, re.MULTILINE)

    assert installs == [
        "--require-hashes --requirement requirements.lock",
        "--require-hashes --no-deps --requirement requirements-pdf.lock",
        "--require-hashes --no-deps --requirement requirements-iceberg.lock",
        "--no-deps --no-build-isolation .",
    ]


def test_the_image_has_the_python_that_the_project_asks_for() -> None:
    asked = PYPROJECT["project"]["requires-python"].removeprefix(">=")

    assert f"ARG PYTHON_IMAGE=python:{asked}-slim\n" in DOCKERFILE


def test_every_lock_file_that_the_image_needs_reaches_its_build() -> None:
    [copied] = re.findall(r"^COPY (requirements.*) \./$", DOCKERFILE, re.MULTILINE)

    for name in copied.split():
        assert f"!{name}" in DOCKERIGNORE
        assert f"--requirement {name}\n" in DOCKERFILE


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_reaches_the_image(room: str) -> None:
    assert f"COPY {room} {room}\n" in DOCKERFILE
    assert f"!{room}" in DOCKERIGNORE


def test_only_listed_files_reach_the_image_build() -> None:
    rules = [line for line in DOCKERIGNORE if not line.startswith("#")]

    assert rules[0] == "*"
    assert not {"!data", "!reports", "!.git", "!.env", "!."} & set(rules)
    assert "**/.env*" in rules


def test_the_container_serves_the_data_volume_and_stops_on_sigterm() -> None:
    command = ["serve", "--host", "0.0.0.0", "--port", "8080", "--data", "/data"]

    assert instruction("ENTRYPOINT") == ["raytrail"]
    assert instruction("CMD") == command
    assert "\nVOLUME /data\n" in DOCKERFILE
    assert "\nSTOPSIGNAL SIGTERM\n" in DOCKERFILE


def test_a_command_inside_the_container_finds_the_store_without_an_option() -> None:
    final_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    environment = re.search(r"^ENV ((?:.*\\\n)*.*)$", final_stage, re.MULTILINE)

    assert environment
    assert "RAYTRAIL_DATA=/data" in environment[1].split()
    assert "PATH=/opt/raytrail/bin:$PATH" in environment[1].split()
    # Compose sets it once more, so that a line of .env cannot lead elsewhere.
    assert "RAYTRAIL_DATA: /data" in directives(service("raytrail"))


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server on loopback that answers GET /health with `status`; yields its port."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (404, False)])
def test_the_health_check_accepts_only_a_200(status: int, healthy: bool) -> None:
    program, option, code = re.findall(r'CMD \["(python)", "(-c)", "(.*)"\]', DOCKERFILE)[0]
    assert (program, option) == ("python", "-c")

    with answering(status) as port:
        check = [sys.executable, "-c", code.replace("8080", str(port))]
        # A proxy in the environment must not be asked.
        finished = subprocess.run(check, check=False, env={"http_proxy": "http://127.0.0.1:9"})

    assert (finished.returncode == 0) is healthy


def test_the_health_check_fails_when_nothing_listens() -> None:
    code = re.findall(r'"-c", "(.*)"\]', DOCKERFILE)[0]
    with answering(200) as port:
        pass

    check = [sys.executable, "-c", code.replace("8080", str(port))]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 1


@pytest.mark.parametrize("name", ["raytrail", "caddy"])
def test_a_service_is_locked_down(name: str) -> None:
    lines = directives(service(name))

    assert "read_only: true" in lines
    assert "cap_drop: [ALL]" in lines
    assert 'security_opt: ["no-new-privileges:true"]' in lines
    assert [line for line in lines if line.startswith("privileged")] == []


def test_the_container_has_time_to_stop_and_one_writable_folder() -> None:
    lines = directives(service("raytrail"))
    grace = re.search(r"stop_grace_period: (\d+)s", service("raytrail"))

    assert grace
    assert int(grace[1]) >= 30
    assert [line for line in lines if line.startswith("- raytrail-data:")] == [
        "- raytrail-data:/data"
    ]


def test_only_caddy_is_reachable_from_outside() -> None:
    assert "ports:" not in service("raytrail")
    assert 'ports: ["80:80", "443:443"]' in directives(service("caddy"))


def test_caddy_forwards_only_the_upload_path_and_the_health_check() -> None:
    lines = directives(CADDYFILE)

    assert [line for line in lines if line.startswith("@")] == [
        "@public path /logpush /logpush/* /health"
    ]
    assert lines.count("reverse_proxy raytrail:8080") == 1
    assert "respond 404" in lines


def test_the_body_limit_of_caddy_is_above_that_of_raytrail() -> None:
    size = re.search(r"max_size (\d+)MiB", CADDYFILE)

    assert size
    assert 128 < int(size[1]) < 160


def test_caddy_logs_no_token() -> None:
    lines = directives(CADDYFILE)

    assert "request>uri delete" in lines
    assert "request>headers delete" in lines
    # One `log` block, that of the errors; a second one in a site would be an access log.
    assert len([line for line in lines if line.split(" ")[0] == "log"]) == 1


@pytest.mark.parametrize(
    "text",
    [DOCKERFILE, COMPOSE, CADDYFILE, UNIT_FILE.read_text(encoding="utf-8")],
    ids=["Dockerfile", "compose", "Caddyfile", "unit"],
)
def test_the_deploy_files_contain_no_secret(text: str) -> None:
    stated = "\n".join(directives(text))

    assert re.findall(r"(?i)(token|secret|password|authorization|bearer)", stated) == []


def test_the_tokens_come_from_a_file_that_git_ignores() -> None:
    assert "env_file: .env" in directives(service("raytrail"))
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def unit() -> configparser.ConfigParser:
    # Strict: a key that stands twice is an error, because systemd would use only one of them.
    parser = configparser.ConfigParser(interpolation=None, strict=True, comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT_FILE.read_text(encoding="utf-8"))
    return parser


def test_the_unit_serves_the_folder_that_systemd_makes_for_it(
    unit: configparser.ConfigParser,
) -> None:
    given = unit["Service"]
    folder = f"/var/lib/{given['StateDirectory']}"

    assert given["ExecStart"] == "/opt/raytrail/bin/raytrail serve"
    assert f"RAYTRAIL_DATA={folder}" in given["Environment"].split()
    assert given["WorkingDirectory"] == folder


def test_the_unit_restarts_the_service_unless_a_person_is_needed(
    unit: configparser.ConfigParser,
) -> None:
    given = unit["Service"]

    assert given["Restart"] == "always"
    final = {int(status) for status in given["RestartPreventExitStatus"].split()}
    assert final == {BAD_CONFIGURATION, DISK_FAILED}


def test_the_unit_gives_the_service_time_to_stop_its_children_itself(
    unit: configparser.ConfigParser,
) -> None:
    given = unit["Service"]

    assert given["KillMode"] == "mixed"
    assert int(given["TimeoutStopSec"]) > RECEIVER_SECONDS_MAX


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("User", "raytrail"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("SystemCallFilter", "@system-service"),
        ("UMask", "0027"),
    ],
)
def test_the_unit_is_locked_down(unit: configparser.ConfigParser, key: str, value: str) -> None:
    assert unit["Service"][key] == value


def test_systemd_understands_every_line_of_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NO SYSTEMD: the unit was not verified")
    # Raytrail is not installed under /opt here, and systemd asks for the program.
    text = UNIT_FILE.read_text(encoding="utf-8").replace("/opt/raytrail/bin/raytrail", "/bin/true")
    copy = tmp_path / "raytrail.service"
    copy.write_text(text, encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )

    assert (verified.returncode, verified.stderr) == (0, "")


def test_every_name_in_the_deployment_files_is_known() -> None:
    files = ("Dockerfile", "docker-compose.yml", "Makefile", "deploy/Caddyfile", UNIT_FILE)
    texts = [(ROOT / file).read_text(encoding="utf-8") for file in files]
    names = {name for text in texts for name in re.findall(r"RAYTRAIL_[A-Z_]*[A-Z]", text)}

    assert "RAYTRAIL_DOMAIN" in names
    assert setting_names.unknown(names, Settings.model_fields) == ()
