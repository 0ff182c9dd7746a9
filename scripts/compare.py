"""Compare results with those of a machine of another type: bytes, then numbers, then verdicts."""

from edgeofchaos.support.compare import main
from edgeofchaos.support.program import run

if __name__ == "__main__":
    run(main)
