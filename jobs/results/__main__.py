"""`python -m jobs.results` is `lift results`."""

import sys

from jobs.cli.app import main

main(["results", *sys.argv[1:]])
