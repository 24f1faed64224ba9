"""`python -m jobs.status` is `lift status`."""

import sys

from jobs.cli.app import main

main(["status", *sys.argv[1:]])
