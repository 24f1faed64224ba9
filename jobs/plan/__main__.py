"""`python -m jobs.plan` is `lift plan`."""

import sys

from jobs.command import main

main(["plan", *sys.argv[1:]])
