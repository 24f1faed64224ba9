"""`python -m jobs.plan` is `lift plan`."""

import sys

from jobs.cli.app import main

main(["plan", *sys.argv[1:]])
