"""A zone with Logpush jobs, whose uploads and losses a test decides."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from store.store import Store
from store.timestamps import system_clock, to_text
from tests.cloudflare_api.analytics import Bounds, Upload
from tests.cloudflare_api.world import ZONE_ID, ZONE_NAME, World
from tests.factories import Clock, gzipped, ndjson, record, send

HOUR = timedelta(hours=1)
SECRET = "a-secret-of-the-destination"


@dataclass
class Planted:
    """Hours are counted back from now: hour 5 began five to six hours ago."""

    world: World
    store: Store
    clock: Clock
    now: datetime = field(default_factory=system_clock)
    made: Counter[str] = field(default_factory=Counter)

    def hour(self, ago: int) -> datetime:
        return self.now.replace(minute=0, second=0, microsecond=0) - ago * HOUR

    def job(self, number: int = 1, **changes: Any) -> None:
        """A job that sends everything and has pushed all that there was."""
        job = {
            "id": number,
            "dataset": "http_requests",
            "enabled": True,
            "destination_conf": f"https://logs.example.com/logpush?header_Authorization={SECRET}",
            "last_complete": to_text(self.now),
            "last_error": None,
            "output_options": {"field_names": ["RayID"], "sample_rate": 1},
            **changes,
        }
        self.world.logpush.jobs.setdefault(("zones", ZONE_ID), []).append(job)

    def body(self, at: datetime, requests: int, **changes: Any) -> bytes:
        """A batch of requests that visitors made two minutes before, no two alike."""
        event = at - timedelta(minutes=2)
        self.made["batches"] += 1
        self.world.analytics.visits[ZONE_ID][self._whole(event)] = self._counted(event, requests)
        return gzipped(
            ndjson(
                *(
                    record(
                        RayID=f"{self.made['batches']:08x}{number:08x}",
                        EdgeStartTimestamp=to_text(event),
                        EdgeEndTimestamp=to_text(event),
                        ZoneName=ZONE_NAME,
                        ClientRequestSource="eyeball",
                        **changes,
                    )
                    for number in range(requests)
                )
            )
        )

    def uploaded(self, at: datetime, requests: int, job: int = 1, **changes: Any) -> bytes:
        """A batch that Cloudflare says it uploaded, or gave up; whether it came is another thing."""
        upload = Upload(place=ZONE_ID, job=job, at=at, records=requests, **changes)
        self.world.analytics.uploads.append(upload)
        return self.body(at, requests)

    def came(self, body: bytes, at: datetime, dataset: str = "http_requests") -> None:
        self.clock.now = at
        send(self.store, body, dataset)

    def load(self) -> None:
        loader = self.store.loader()
        while loader.load_next():
            pass

    def traffic(self, *hours_ago: int, requests: int = 3) -> None:
        """One batch in the middle of each of these hours, that came."""
        for ago in hours_ago:
            at = self.hour(ago) + HOUR / 2
            self.came(self.uploaded(at, requests), at)
        self.load()

    def _counted(self, event: datetime, requests: int) -> Bounds:
        known = self.world.analytics.visits[ZONE_ID].get(self._whole(event))
        counted = requests + (known.estimate if known else 0)
        return Bounds(counted, counted, counted)

    def _whole(self, event: datetime) -> datetime:
        return event.replace(minute=0, second=0, microsecond=0)
