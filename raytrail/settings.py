"""Every setting: `RAYTRAIL_*` from the environment or a `.env` file, read once, then a value.

All problems are told at once: nobody wants to restart a service once per typo.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from archives.bucket import BucketOptions
from raytrail import decoder
from raytrail.errors import BadConfiguration
from raytrail.retention_settings import FAMILY, FOREVER, DatasetName, Family, Limit, parse_days
from receiver.options import REQUEST_SECONDS_MAX, ReceiverOptions
from schema.body.limits import EnvelopeLimits
from store.files.layout import Layout
from store.files.reserve import Reserve
from store.intake.limits import IntakeLimits
from store.lifetimes import RAW_DAYS, Lifetimes
from store.registers import tokens as token_file
from upstream.options import API_URL, ApiOptions, CanaryOptions

# Shorter than this a token can be guessed or was pasted badly; `serve` warns below the second.
TOKEN_LETTERS_MIN = 8
TOKEN_LETTERS_GOOD = 32

MIB = 1024 * 1024


def _split(text: str) -> str:
    """Leave the value as it is; the properties below split it where it is used."""
    return text.strip()


class Settings(BaseSettings):
    """The environment as a value. A `--flag` of a command wins over its setting."""

    model_config = SettingsConfigDict(
        env_prefix="RAYTRAIL_", env_file=".env", extra="ignore", frozen=True
    )

    data: Path = Field(default=Path("data"), description="Folder of the store")
    tokens: SecretStr = Field(
        default=SecretStr(""), description="Ingest tokens, separated by commas"
    )
    token_header: str | None = Field(
        default=None, description="A header that may carry the token too"
    )
    host: str = Field(default="127.0.0.1", description="Address `serve` listens on")
    port: int = Field(
        default=8080, ge=0, le=65535, description="Port `serve` listens on; 0 picks a free one"
    )
    workers: int = Field(default=2, ge=1, le=64, description="Receiver processes")
    request_seconds_max: float = Field(
        default=REQUEST_SECONDS_MAX, gt=0, description="A request's deadline, first byte to last"
    )
    body_bytes_max: int = Field(
        default=128 * MIB, gt=0, description="Largest body, as sent; past it 413"
    )
    inflated_bytes_max: int = Field(
        default=EnvelopeLimits().inflated_bytes_max,
        gt=0,
        description="Largest body, inflated; past it kept unread",
    )
    reserve_bytes: int = Field(
        default=Reserve().bytes_min, ge=0, description="Free disk space that stays free"
    )
    reserve_percent: float = Field(
        default=Reserve().percent_min,
        ge=0,
        lt=100,
        description="The same as a share; the larger counts",
    )
    access_hosts: Annotated[str, NoDecode, AfterValidator(_split)] = Field(
        default="", description="Hosts known to be behind Access, separated by commas"
    )
    session_minutes: float = Field(
        default=30.0, gt=0, description="Silence after which a new session begins"
    )

    cloudflare_token: SecretStr = Field(
        default=SecretStr(""), description="API token of Cloudflare"
    )
    cloudflare_token_file: Path | None = Field(
        default=None, description="A file that holds the API token instead"
    )
    cloudflare_account: str = Field(
        default="", description="Account whose logins are pulled: its id or name"
    )
    cloudflare_zones: Annotated[str, NoDecode, AfterValidator(_split)] = Field(
        default="", description="Zones that `setup` and `coverage` look at: ids or names, by commas"
    )
    cloudflare_url: str = Field(default=API_URL, description="Where Cloudflare's API answers")
    logins_minutes: float = Field(
        default=5.0, gt=0, description="How often `serve` pulls logins, where a token is set"
    )
    coverage_minutes: float = Field(
        default=60.0,
        gt=0,
        description="How often `serve` judges hours, where a token and a zone or account are set",
    )
    public_url: str = Field(
        default="", description="Where Cloudflare reaches this service: `https://logs.example.com`"
    )

    import_s3_endpoint: str = Field(
        default="", description="Where a bucket that is not Amazon's answers, R2's for one"
    )
    import_s3_region: str = Field(default="", description="The bucket's region; `auto` for R2")
    import_s3_key_id: SecretStr = Field(
        default=SecretStr(""), description="Key of the bucket; without one, the machine's own"
    )
    import_s3_secret: SecretStr = Field(default=SecretStr(""), description="The key's secret")
    import_s3_anonymous: bool = Field(
        default=False, description="Read a public bucket, without any key"
    )
    canary_url: str = Field(
        default="", description="A page on a protected host, that `canary` asks for"
    )
    canary_client_id: SecretStr | None = Field(
        default=None, description="Service token that lets `canary` through Access: its id"
    )
    canary_client_secret: SecretStr | None = Field(default=None, description="The same: its secret")
    canary_minutes: float = Field(
        default=5.0, gt=0, description="How often `serve` sends a canary, if there is a page for it"
    )

    retention: Limit = Field(
        default=FOREVER, description="How long rows are kept: days such as `400d`, or `forever`"
    )
    retention_raw: Limit = Field(
        default=f"{RAW_DAYS}d", description="The same for raw bodies that became rows"
    )
    retention_of_datasets: Annotated[Mapping[DatasetName, Limit], NoDecode] = Field(
        default={}, validation_alias=FAMILY, description="The same for one dataset, or `rejected`"
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
        family = Family(settings_cls, env_settings, dotenv_settings)
        return init_settings, env_settings, dotenv_settings, file_secret_settings, family

    @classmethod
    def read(cls) -> Self:
        try:
            return cls()
        except ValidationError as error:
            raise BadConfiguration(_problems(error)) from None

    def intake_limits(self) -> IntakeLimits:
        return IntakeLimits(
            body_bytes_max=self.body_bytes_max,
            envelope=EnvelopeLimits(inflated_bytes_max=self.inflated_bytes_max),
            reserve=Reserve(bytes_min=self.reserve_bytes, percent_min=self.reserve_percent),
        )

    def receiver_options(self, folder: Path | None = None) -> ReceiverOptions:
        """The options of a receiver; without a token nobody may be let in, so none starts.

        `folder` is the store's, if it is not that of the settings.
        """
        tokens = self.ingest_tokens()
        tokens_file = Layout(folder or self.data).tokens
        if not tokens and not token_file.read(tokens_file):
            raise BadConfiguration(
                "RAYTRAIL_TOKENS: set at least one ingest token, or let `raytrail setup` make one"
            )
        if not all(token.isascii() for token in tokens):
            raise BadConfiguration("RAYTRAIL_TOKENS: a header carries letters of ASCII only")
        if any(len(token) < TOKEN_LETTERS_MIN for token in tokens):
            raise BadConfiguration(
                f"RAYTRAIL_TOKENS: a token has fewer than {TOKEN_LETTERS_MIN} letters"
            )
        return ReceiverOptions(
            tokens=tokens,
            tokens_file=tokens_file,
            token_header=self.token_header,
            request_seconds_max=self.request_seconds_max,
            decoder=decoder.running().name,
        )

    def lifetimes(self) -> Lifetimes:
        limits = self.retention_of_datasets
        return Lifetimes(
            raw=parse_days(self.retention_raw),
            others=parse_days(self.retention),
            datasets={name: parse_days(text) for name, text in limits.items()},
        )

    def has_api(self) -> bool:
        """Whether anybody set a token for Cloudflare's API."""
        return bool(self.cloudflare_token.get_secret_value() or self.cloudflare_token_file)

    def api_options(self) -> ApiOptions:
        """How to reach Cloudflare's API; without a token nobody may ask."""
        token = self._api_token()
        if not token:
            raise BadConfiguration(
                "RAYTRAIL_CLOUDFLARE_TOKEN: set an API token, or RAYTRAIL_CLOUDFLARE_TOKEN_FILE"
            )
        if not (token.isascii() and token.isprintable()):
            raise BadConfiguration("RAYTRAIL_CLOUDFLARE_TOKEN: an API token is plain ASCII")
        return ApiOptions(token=token, url=self.cloudflare_url.rstrip("/"))

    def names_cloudflare(self) -> bool:
        """Whether it is set whom to ask there, and with which token."""
        has_token = self.cloudflare_token.get_secret_value() or self.cloudflare_token_file
        return bool(has_token and (self.cloudflare_zones or self.cloudflare_account))

    def _api_token(self) -> str:
        given = self.cloudflare_token.get_secret_value().strip()
        if given or self.cloudflare_token_file is None:
            return given
        try:
            return self.cloudflare_token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadConfiguration(
                f"RAYTRAIL_CLOUDFLARE_TOKEN_FILE: cannot be read: {type(error).__name__}"
            ) from None

    def bucket_options(self) -> BucketOptions:
        """How to reach the bucket of an archive; half a key is none."""
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

    def public_host(self) -> str:
        """The host that Cloudflare reaches this service by; empty where nobody named it."""
        return urlsplit(self.public_url).hostname or ""

    def canary_options(self) -> CanaryOptions:
        """Where canaries are sent; without a page none can be."""
        if urlsplit(self.canary_url).scheme not in {"http", "https"}:
            raise BadConfiguration("RAYTRAIL_CANARY_URL: name a page on a protected host")
        if bool(self.canary_client_id) != bool(self.canary_client_secret):
            raise BadConfiguration("RAYTRAIL_CANARY_CLIENT_ID and _SECRET go together")
        return CanaryOptions(
            url=self.canary_url,
            client_id=_secret(self.canary_client_id),
            client_secret=_secret(self.canary_client_secret),
        )

    def zones(self) -> tuple[str, ...]:
        return _listed(self.cloudflare_zones)

    def ingest_tokens(self) -> tuple[str, ...]:
        return _listed(self.tokens.get_secret_value())

    def has_weak_token(self) -> bool:
        return any(len(token) < TOKEN_LETTERS_GOOD for token in self.ingest_tokens())

    def known_access_hosts(self) -> frozenset[str]:
        return frozenset(host.lower() for host in _listed(self.access_hosts))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _secret(given: SecretStr | None) -> str:
    return given.get_secret_value().strip() if given else ""


def _problems(error: ValidationError) -> str:
    """One line a problem, by the variable's name; never the value, which may be a secret."""
    return "\n".join(
        f"{_variable(problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    )


def _variable(place: tuple[int | str, ...]) -> str:
    """Of a family the place names the family first, then its member."""
    if place[:1] == (FAMILY,):
        place = (FAMILY.partition("_")[0], *place[1:2])
    return f"RAYTRAIL_{'_'.join(str(part) for part in place).upper()}"
