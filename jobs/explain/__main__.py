"""`python -m jobs.explain` is `lift explain`."""

import sys

from jobs.cli.app import main

main(["explain", *sys.argv[1:]])
