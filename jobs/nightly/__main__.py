"""`python -m jobs.nightly` is `lift nightly`."""

import sys

from jobs.cli.app import main

main(["nightly", *sys.argv[1:]])
