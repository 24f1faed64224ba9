"""`python -m jobs.build` is `lift build`."""

import sys

from jobs.cli.app import main

main(["build", *sys.argv[1:]])
