"""`python -m dig_framework.cli` is `dig-framework`."""

import sys

from dig_framework.cli import main

sys.exit(main())
