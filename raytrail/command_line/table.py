"""Every command: its name, the function that runs it, and what it does in one sentence.

A process imports the module of the command that was asked for. The list of commands needs the
sentences alone, each the first of its function's docstring; a test compares them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

MODULES: Final = "raytrail.commands"


@dataclass(frozen=True, slots=True)
class Command:
    """`place` is `module:function`, below `raytrail.commands`."""

    name: str
    place: str
    summary: str
    is_hidden: bool = False
    # Whether `--data` of the group counts where the command has none.
    takes_data: bool = False

    def function(self) -> Callable[..., Any]:
        return _function(self.place)


@dataclass(frozen=True, slots=True)
class Group:
    """`place` is what runs without the name of a command; empty if that prints the help."""

    name: str
    place: str
    summary: str
    commands: tuple[Command, ...]

    def function(self) -> Callable[..., Any]:
        return _function(self.place)


def _function(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(f"{MODULES}.{module}"), name)
    return found


COMMANDS: Final = (
    Command(
        "serve", "service.cli:serve", "Receive batches from Logpush and load them, until stopped."
    ),
    Command("load", "service.cli:load", "Load waiting batches once, when no service is running."),
    Command(
        "compact", "service.cli:compact", "Merge small Parquet files into day and month files."
    ),
    Command("status", "service.cli:status", "Show what the store holds and how many batches wait."),
    Command(
        "replay", "service.cli:replay", "Decode stored batches again, for example after an upgrade."
    ),
    Command(
        "reassign",
        "service.cli:reassign",
        "Move batches that came under a wrong name to their dataset.",
    ),
    Command("backup", "upkeep.cli:backup", "Copy new files into a backup folder."),
    Command("restore", "upkeep.cli:restore", "Create a store from a backup."),
    Command("fsck", "upkeep.cli:fsck", "Check the files on disk against the catalog."),
    Command(
        "rebuild",
        "upkeep.rebuild:rebuild",
        "Make the catalog again from the ledger's files, the parts and the raw bodies.",
    ),
    Command("retain", "upkeep.cli:retain", "Delete rows and raw bodies past their retention."),
    Command("erase", "upkeep.people_cli:erase", "Erase all data of one person, permanently."),
    Command("report", "questions.cli:report", "Summarize the activity of one person."),
    Command("trail", "questions.cli:trail", "List every request of one person, oldest first."),
    Command(
        "explain",
        "explanation.cli:explain",
        "Explain one request: who sent it, with which login, and why it was answered as it was.",
    ),
    Command(
        "visitors",
        "explanation.cli:visitors",
        "List who visited a host or a path of it, the most requests first.",
    ),
    Command(
        "compare",
        "explanation.cli:compare",
        "Compare one period of a person with another: counts by kind, and what is new and gone.",
    ),
    Command("sql", "questions.cli:sql", "Query the store in SQL."),
    Command(
        "publish",
        "publishing.cli:publish",
        "Publish requests and logins as Iceberg tables for other engines.",
    ),
    Command("shell", "questions.cli:shell", "Open the store in the DuckDB shell, read-only."),
    Command(
        "coverage",
        "completeness:coverage",
        "Compare stored records with Cloudflare's counts, by hour.",
    ),
    Command(
        "canary", "completeness:canary", "Send a test request and check that it arrives as a row."
    ),
    Command("setup", "setup.cli:setup", "Configure Cloudflare to send its logs to this service."),
    Command("demo", "diagnosis:demo", "Receive, load and report the bundled sample batches."),
    Command(
        "import",
        "archives.cli:import_archives",
        "Import Logpush archives from files, folders or S3.",
    ),
    Command(
        "backfill",
        "archives.cli:backfill",
        "Fetch missing requests of a zone with Cloudflare Logpull.",
    ),
)

GROUPS: Final = (
    Group(
        "doctor",
        "diagnosis:doctor",
        "Check store, disk and Cloudflare settings; suggest fixes.",
        (
            Command(
                "ack",
                "diagnosis:acknowledge",
                "Acknowledge an alarm that needs no action, so that `doctor` no longer fails.",
                takes_data=True,
            ),
        ),
    ),
    Group(
        "stray",
        "",
        "Files in stray/, which the catalog does not know.",
        (
            Command(
                "list",
                "upkeep.stray_cli:stray_list",
                "List the files in stray/: what they are, and where they were.",
            ),
            Command("drop", "upkeep.stray_cli:stray_drop", "Delete a file in stray/, permanently."),
        ),
    ),
    Group(
        "erasures",
        "",
        "Erasures, and what a restored store has of erased persons.",
        (
            Command(
                "list",
                "upkeep.erasures_cli:erasures_list",
                "Print the list of erasures as JSON, without names, for `raytrail restore --erasures FILE`.",
            ),
            Command(
                "accept",
                "upkeep.erasures_cli:erasures_accept",
                "Accept that a restored store has what later erasures had erased.",
            ),
        ),
    ),
    Group(
        "hold",
        "",
        "Legal holds: rows that retention and erasure must keep.",
        (
            Command(
                "add",
                "upkeep.people_cli:hold_add",
                "Add a hold on rows that match all given options, also on rows that arrive later.",
            ),
            Command(
                "list", "upkeep.people_cli:hold_list", "List all holds, including released ones."
            ),
            Command("release", "upkeep.people_cli:hold_release", "Release a hold."),
        ),
    ),
    Group(
        "people",
        "people.cli:people",
        "List everybody with requests or logins, and which names belong to one person.",
        (
            Command("link", "people.cli:link", "Say that two names are one person's."),
            Command("unlink", "people.cli:unlink", "Say that two names are not one person's."),
        ),
    ),
    Group(
        "findings",
        "questions.findings_cli:findings",
        "List what stands out in a period, by rules: travel, refusals, downloads, logins and more.",
        (
            Command(
                "acknowledge",
                "questions.findings_cli:acknowledge",
                "Note that a finding was looked at, and why it needs no more.",
                takes_data=True,
            ),
            Command(
                "withdraw",
                "questions.findings_cli:withdraw",
                "Withdraw the acknowledgement of a finding; the ledger keeps both.",
                takes_data=True,
            ),
        ),
    ),
    Group(
        "logins",
        "",
        "Access logins, fetched from Cloudflare's API.",
        (
            Command("pull", "logins.cli:pull", "Fetch Access logins that are not stored yet."),
            Command(
                "ray",
                "explanation.cli:explain",
                "Explain one request: who sent it, with which login, and why it was answered as it was.",
                is_hidden=True,
            ),
        ),
    ),
    Group(
        "applications",
        "",
        "Access applications and the hosts they protect.",
        (
            Command(
                "pull",
                "applications.cli:pull",
                "Fetch the account's applications and record changes.",
            ),
            Command(
                "list",
                "applications.cli:list_applications",
                "List the applications known at a point in time.",
            ),
        ),
    ),
)
