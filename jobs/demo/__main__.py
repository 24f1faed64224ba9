"""`python -m jobs.demo` is `lift demo`."""

import sys

from jobs.cli.app import main

main(["demo", *sys.argv[1:]])
