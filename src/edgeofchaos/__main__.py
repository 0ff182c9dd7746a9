"""``python -m edgeofchaos`` is the command ``edgeofchaos``."""

import sys

from edgeofchaos.cli import main

if __name__ == "__main__":
    sys.exit(main())
