"""The settings of questions about people."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from raytrail.cloudflare_settings import CommaSeparated
from raytrail.setting_files.question_values import SESSION_MINUTES, ZONE, QuestionValues


class QuestionSettings(QuestionValues, BaseSettings):
    access_hosts: CommaSeparated = Field(
        default="", description="Hosts known to be behind Access, comma-separated"
    )
    session_minutes: float = Field(
        default=SESSION_MINUTES,
        gt=0,
        description="Minutes without a request after which a new session begins",
    )
    time_zone: str = Field(
        default=ZONE,
        description="Zone of the days and weeks of a period, and of a report's times, such as Europe/Prague",
    )
    people: Path | None = Field(
        default=None,
        description="CSV file with two names a line that are one person's, such as `srhea,s.rhea@widgetcorp.example`",
    )
    path_templates: Path | None = Field(
        default=None,
        description="File with a host and a path template a line, such as `wiki.example.com /display/{space}/{title}`",
    )

    findings: Path | None = Field(
        default=None,
        description="File with a threshold of a rule for findings a line, such as `travel.km = 300`",
    )
