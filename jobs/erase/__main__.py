"""`python -m jobs.erase` is `lift erase`."""

import sys

from jobs.cli.app import main

main(["erase", *sys.argv[1:]])
