"""`python -m jobs.schema` is `lift schema`."""

import sys

from jobs.cli.app import main

main(["schema", *sys.argv[1:]])
