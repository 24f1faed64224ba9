"""`python -m jobs.ingest` is `lift ingest`."""

import sys

from jobs.cli.app import main

main(["ingest", *sys.argv[1:]])
