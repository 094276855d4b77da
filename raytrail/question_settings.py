"""The settings of questions about people."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from raytrail import people_file
from raytrail.cloudflare_settings import CommaSeparated, words
from raytrail.people_file import Pairs


class QuestionSettings(BaseSettings):
    access_hosts: CommaSeparated = Field(
        default="", description="Hosts known to be behind Access, comma-separated"
    )
    session_minutes: float = Field(
        default=30.0, gt=0, description="Minutes without a request after which a new session begins"
    )
    people: Path | None = Field(
        default=None,
        description="CSV file with two names a line that are one person's, such as `srhea,s.rhea@widgetcorp.example`",
    )

    def known_access_hosts(self) -> frozenset[str]:
        return frozenset(host.lower() for host in words(self.access_hosts))

    def linked_names(self) -> Pairs:
        """The pairs of RAYTRAIL_PEOPLE; BadConfiguration names every wrong line."""
        return () if self.people is None else people_file.read(self.people)
