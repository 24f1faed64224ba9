"""`python -m jobs.export` is `lift export`."""

import sys

from jobs.cli.app import main

main(["export", *sys.argv[1:]])
