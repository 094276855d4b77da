"""The settings of the scrub."""

from pydantic import Field
from pydantic_settings import BaseSettings

from store.scrub.pace import BYTES_PER_SECOND, MIB

# A file that is damaged should be known while its raw body is kept, which is 30 days by default.
DAYS = 7.0
# Two rounds must fit into the time after which `/health` calls the scrub late.
DAYS_MAX = 15
# A round of 1 TiB takes 12 days at this rate. With a slower one, `/health` would call the scrub of
# a store of some TiB late all the time.
MIB_PER_SECOND_MIN = 1


class ScrubSettings(BaseSettings):
    scrub_days: float = Field(
        default=DAYS,
        gt=0,
        le=DAYS_MAX,
        description="Days between the starts of two rounds in which `serve` reads every file against its hash",
    )
    scrub_mib_per_second: float = Field(
        default=BYTES_PER_SECOND / MIB,
        ge=MIB_PER_SECOND_MIN,
        description="How fast these rounds read at most, in MiB a second",
    )
