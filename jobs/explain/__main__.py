"""`python -m jobs.explain` is `lift explain`."""

import sys

from jobs.command import main

main(["explain", *sys.argv[1:]])
