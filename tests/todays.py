"""The seed of tests that draw their cases anew every day."""

import os
from datetime import UTC, datetime

# TEST_SEED=20261201 repeats those of that day.
SEED = int(os.environ.get("TEST_SEED") or f"{datetime.now(UTC):%Y%m%d}")
