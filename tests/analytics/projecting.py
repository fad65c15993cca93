"""Projects what waits, in batches of a few: run in a process of its own, to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from lrs import clock
from lrs.analytics.lake import lake
from lrs.stores.open import open_store
from tests.analytics.places import place_in

if __name__ == "__main__":
    lake.BATCH = int(sys.argv[2])
    place = place_in(Path(sys.argv[1]), open_store(sys.argv[3], clock.now))
    print("ready", flush=True)
    place.lake.catch_up(lambda count: print(count, flush=True))
