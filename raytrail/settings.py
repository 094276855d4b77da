"""Every setting: `RAYTRAIL_*` from the environment or a `.env` file, read once.

One error message lists all problems, so that they can be corrected at once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PlainValidator, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.sources import DotEnvSettingsSource, EnvSettingsSource

from archives.bucket import BucketOptions
from raytrail import decoder, setting_names
from raytrail.cloudflare_settings import CloudflareSettings
from raytrail.errors import BadConfiguration
from raytrail.question_settings import QuestionSettings
from raytrail.retention_settings import FAMILY, FOREVER, DatasetName, Family, Limit, parse_days
from raytrail.scrub_settings import ScrubSettings
from raytrail.setting_files.question_values import DATA, catalog_of, words
from raytrail.shell_settings import ShellSettings
from receiver.options import IDLE_SECONDS_MAX, REQUEST_SECONDS_MAX, ReceiverOptions
from schema.body.limits import EnvelopeLimits
from store.database import Database
from store.files.layout import Layout
from store.files.reserve import Reserve
from store.intake.limits import IntakeLimits
from store.lifetimes import RAW_DAYS, Lifetimes
from store.registers import tokens as token_file

# A token shorter than the first is refused: it can be guessed, or was pasted incompletely.
# `serve` warns about one shorter than the second.
TOKEN_CHARACTERS_MIN = 8
TOKEN_CHARACTERS_GOOD = 32

MIB = 1024 * 1024


class Settings(CloudflareSettings, QuestionSettings, ScrubSettings, ShellSettings):
    """The environment as a value. A `--flag` of a command wins over its setting."""

    model_config = SettingsConfigDict(
        env_prefix="RAYTRAIL_", env_file=".env", extra="ignore", frozen=True
    )

    data: Path = Field(default=DATA, description="Folder of the store")
    catalog: Annotated[Database | None, NoDecode, PlainValidator(catalog_of)] = Field(
        default=None,
        description="URL of a PostgreSQL database for the catalog; without one it is a file in the folder of the store",
    )
    tokens: SecretStr = Field(default=SecretStr(""), description="Ingest tokens, comma-separated")
    token_header: str | None = Field(
        default=None, description="Another request header that may carry the token"
    )
    host: str = Field(default="127.0.0.1", description="Address `serve` listens on")
    port: int = Field(
        default=8080, ge=0, le=65535, description="Port `serve` listens on; 0 picks a free one"
    )
    workers: int = Field(default=2, ge=1, le=64, description="Receiver processes")
    request_seconds_max: float = Field(
        default=REQUEST_SECONDS_MAX,
        gt=0,
        description="Seconds within which a whole request must arrive",
    )
    idle_seconds_max: float = Field(
        default=IDLE_SECONDS_MAX,
        gt=0,
        description="Seconds after which an idle connection is closed; longer than a proxy in front keeps it",
    )
    body_bytes_max: int = Field(
        default=128 * MIB,
        gt=0,
        description="Largest body as sent, in bytes; a larger one is answered with 413",
    )
    inflated_bytes_max: int = Field(
        default=EnvelopeLimits().inflated_bytes_max,
        gt=0,
        description="Largest body after decompression, in bytes; a larger one is stored but not read",
    )
    reserve_bytes: int = Field(
        default=Reserve().bytes_min,
        ge=0,
        description="Disk space to keep free, in bytes; below it, batches are refused with 503",
    )
    reserve_percent: float = Field(
        default=Reserve().percent_min,
        ge=0,
        lt=100,
        description="Disk space to keep free, in percent; the larger of the two applies",
    )
    import_s3_endpoint: str = Field(
        default="", description="Endpoint of an S3-compatible bucket outside AWS, such as R2"
    )
    import_s3_region: str = Field(default="", description="Region of the bucket; `auto` for R2")
    import_s3_key_id: SecretStr = Field(
        default=SecretStr(""),
        description="Access key id of the bucket; without one, the machine's own credentials",
    )
    import_s3_secret: SecretStr = Field(
        default=SecretStr(""), description="Secret access key of the bucket"
    )
    import_s3_anonymous: bool = Field(
        default=False, description="Read a public bucket without a key"
    )
    retention: Limit = Field(
        default=FOREVER, description="How long rows are kept: days such as `400d`, or `forever`"
    )
    retention_raw: Limit = Field(
        default=f"{RAW_DAYS}d",
        description="How long raw bodies are kept after they became rows: days, or `forever`",
    )
    retention_of_datasets: Annotated[Mapping[DatasetName, Limit], NoDecode] = Field(
        default={},
        validation_alias=FAMILY,
        description="How long rows of one dataset (or `rejected`) are kept: days, or `forever`",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        for source in (env_settings, dotenv_settings):
            if isinstance(source, EnvSettingsSource):
                source.env_vars = setting_names.without_kubernetes(source.env_vars)
        family = Family(settings_cls, env_settings, dotenv_settings)
        return init_settings, env_settings, dotenv_settings, file_secret_settings, family

    @classmethod
    def read(cls) -> Self:
        """For a command; BadConfiguration lists every wrong value and every unknown name."""
        unknown = cls.unknown_names()
        try:
            found = cls.read_for_service()
        except BadConfiguration as error:
            raise BadConfiguration("\n".join((str(error), *unknown))) from None
        if unknown:
            raise BadConfiguration("\n".join(unknown))
        return found

    @classmethod
    def read_for_service(cls) -> Self:
        """Without a look at unknown names: receiving outranks a misspelt setting."""
        try:
            return cls()
        except ValidationError as error:
            raise BadConfiguration(_problems(error)) from None

    @classmethod
    def unknown_names(cls) -> tuple[str, ...]:
        """A sentence for each `RAYTRAIL_*` name that is no setting, never its value."""
        sources = (EnvSettingsSource(cls), DotEnvSettingsSource(cls))
        found = [setting_names.without_kubernetes(source.env_vars) for source in sources]
        return setting_names.unknown({**found[0], **found[1]}, cls.model_fields)

    def intake_limits(self) -> IntakeLimits:
        return IntakeLimits(
            body_bytes_max=self.body_bytes_max,
            envelope=EnvelopeLimits(inflated_bytes_max=self.inflated_bytes_max),
            reserve=Reserve(bytes_min=self.reserve_bytes, percent_min=self.reserve_percent),
        )

    def receiver_options(self, folder: Path | None = None) -> ReceiverOptions:
        """The options of a receiver; BadConfiguration without a usable token.

        `folder` is the folder of the store, if a command named another than the settings.
        """
        tokens = self.ingest_tokens()
        tokens_file = Layout(folder or self.data).tokens
        problems = []
        if not tokens and not token_file.read(tokens_file):
            problems.append(
                "RAYTRAIL_TOKENS: set at least one ingest token, or create one with `raytrail setup`"
            )
        if not all(token.isascii() for token in tokens):
            problems.append("RAYTRAIL_TOKENS: use ASCII characters only")
        if any(len(token) < TOKEN_CHARACTERS_MIN for token in tokens):
            problems.append(
                f"RAYTRAIL_TOKENS: a token has fewer than {TOKEN_CHARACTERS_MIN} characters"
            )
        if problems:
            raise BadConfiguration("\n".join(problems))
        return ReceiverOptions(
            tokens=tokens,
            tokens_file=tokens_file,
            token_header=self.token_header,
            request_seconds_max=self.request_seconds_max,
            idle_seconds_max=self.idle_seconds_max,
            decoder=decoder.running().name,
        )

    def lifetimes(self) -> Lifetimes:
        limits = self.retention_of_datasets
        return Lifetimes(
            raw=parse_days(self.retention_raw),
            others=parse_days(self.retention),
            datasets={name: parse_days(text) for name, text in limits.items()},
        )

    def bucket_options(self) -> BucketOptions:
        """How to reach the bucket of an archive; BadConfiguration for half a key."""
        key_id = self.import_s3_key_id.get_secret_value().strip()
        secret = self.import_s3_secret.get_secret_value().strip()
        if bool(key_id) != bool(secret):
            raise BadConfiguration(
                "RAYTRAIL_IMPORT_S3_KEY_ID and RAYTRAIL_IMPORT_S3_SECRET: set both, or neither"
            )
        return BucketOptions(
            endpoint=self.import_s3_endpoint,
            region=self.import_s3_region,
            key_id=key_id,
            secret=secret,
            is_anonymous=self.import_s3_anonymous,
        )

    def ingest_tokens(self) -> tuple[str, ...]:
        return words(self.tokens.get_secret_value())

    def has_weak_token(self) -> bool:
        return any(len(token) < TOKEN_CHARACTERS_GOOD for token in self.ingest_tokens())


def _problems(error: ValidationError) -> str:
    """One line a problem: the variable and what is wrong, never the value, which may be a secret."""
    return "\n".join(
        f"{_variable(problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    )


def _variable(place: tuple[int | str, ...]) -> str:
    """The variable's name. For a retention setting, `place` is the family and then the dataset."""
    if place[:1] == (FAMILY,):
        place = (FAMILY.partition("_")[0], *place[1:2])
    return f"RAYTRAIL_{'_'.join(str(part) for part in place).upper()}"
