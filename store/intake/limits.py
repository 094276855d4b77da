"""What one body may cost before it is answered.

A module of its own, so that a command that only reads loads neither decompressor nor SQLAlchemy.
"""

from dataclasses import dataclass, field

from schema.body.limits import EnvelopeLimits
from store.files.reserve import Reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    # Logpush's default batch is some 14 MB; `setup` asks for 50 MB. Past it: 413.
    body_bytes_max: int = 128 * 1024 * 1024
    envelope: EnvelopeLimits = field(default_factory=EnvelopeLimits)
    reserve: Reserve = field(default_factory=Reserve)
