"""`python -m jobs.report` is `lift report`."""

import sys

from jobs.cli.app import main

main(["report", *sys.argv[1:]])
