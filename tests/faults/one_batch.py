"""A process that takes in one body and says so: `python -m tests.faults.one_batch DATA NUMBER`."""

import sys
from pathlib import Path

from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.store import Store
from tests.factories import NO_RESERVE, Clock, send
from tests.faults.lab import numbered

if __name__ == "__main__":
    with Store.open(Path(sys.argv[1]), Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        assert isinstance(send(store, numbered(int(sys.argv[2]))), Receipt)
        print("receipt", flush=True)
