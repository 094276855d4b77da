"""What settings tell a question about people, whoever read the settings.

Nothing here loads pydantic: most questions are asked with settings that plain_settings.py reads.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from queries.errors import QueryRefused
from queries.findings.values import Values
from queries.path_templates import Rules
from queries.time_zone import TimeZone, time_zone
from raytrail.errors import BadConfiguration
from raytrail.setting_files import findings as finding_file
from raytrail.setting_files import path_templates as template_file
from raytrail.setting_files import people as people_file
from raytrail.setting_files.people import Pairs
from store.database import Database

if TYPE_CHECKING:
    from queries.shell_content import Told
    from store.reading.shell.content import FactSource

DATA: Final = Path("data")
SESSION_MINUTES: Final = 30.0
ZONE: Final = "UTC"


def words(text: str) -> tuple[str, ...]:
    """The parts of a comma-separated setting."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def catalog_of(text: str | None) -> Database | None:
    """Of RAYTRAIL_CATALOG; ValueError without the text, which may have a password."""
    return Database.parse(text) if text and text.strip() else None


class QuestionValues:
    """What the texts mean; a class has them as fields."""

    if TYPE_CHECKING:
        access_hosts: str
        time_zone: str
        people: Path | None
        path_templates: Path | None
        findings: Path | None

    def known_access_hosts(self) -> frozenset[str]:
        return frozenset(host.lower() for host in words(self.access_hosts))

    def zone_of_times(self) -> TimeZone:
        """Read when a command needs it: a misspelt zone must not stop the receiver."""
        try:
            return time_zone(self.time_zone)
        except QueryRefused as error:
            raise BadConfiguration(f"RAYTRAIL_TIME_ZONE: {error}") from None

    def linked_names(self) -> Pairs:
        """The pairs of RAYTRAIL_PEOPLE; BadConfiguration names every wrong line."""
        return () if self.people is None else people_file.read(self.people)

    def template_rules(self) -> Rules:
        """The lines of RAYTRAIL_PATH_TEMPLATES; BadConfiguration names every wrong line."""
        return () if self.path_templates is None else template_file.read(self.path_templates)

    def finding_thresholds(self) -> Values:
        """The lines of RAYTRAIL_FINDINGS; BadConfiguration names every wrong line."""
        return () if self.findings is None else finding_file.read(self.findings)

    def told(self) -> "Told":
        """What an analyst is told; BadConfiguration names every wrong line of RAYTRAIL_FINDINGS."""
        from queries.shell_content import Told  # noqa: PLC0415

        return Told(facts=self.shell_facts(), thresholds=self.finding_thresholds())

    def shell_facts(self) -> "Sequence[FactSource]":
        """What these settings tell analysts in SQL."""
        # Late: they load DuckDB, and no receiver asks.
        from queries.identity import access_facts, known_facts  # noqa: PLC0415

        hosts = access_facts.access_hosts(self.known_access_hosts())
        return hosts, known_facts.mapped_names(self._readable_links)

    def shell_statements(self) -> Sequence[str]:
        """The macros of path templates and thresholds; none of a file with a wrong line, as below."""
        from queries.definitions import configured_statements  # noqa: PLC0415 (as above)

        found: list[str] = []
        with suppress(BadConfiguration):
            found += configured_statements(self.template_rules())
        with suppress(BadConfiguration):
            found += self._threshold_macros()
        return found

    def wrong_files(self) -> tuple[str, ...]:
        """What is wrong with the files that questions read: a service starts in spite of it, and says
        so.
        """
        found = []
        for read in (self.template_rules, self.finding_thresholds):
            try:
                read()
            except BadConfiguration as error:
                found.append(str(error))
        return tuple(found)

    def _threshold_macros(self) -> Sequence[str]:
        if self.findings is None:
            return ()
        from queries.findings.rule import rules  # noqa: PLC0415
        from queries.findings.thresholds import macros  # noqa: PLC0415

        return tuple(macros(rules(), self.finding_thresholds()))

    def _readable_links(self) -> Pairs:
        """No pairs of a file with a wrong line: questions name it, and publishing goes on."""
        try:
            return self.linked_names()
        except BadConfiguration:
            return ()
