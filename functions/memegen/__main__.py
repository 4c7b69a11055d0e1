"""The command as a module: python -m memegen."""

import sys

from memegen.cli.main import main

sys.exit(main())
