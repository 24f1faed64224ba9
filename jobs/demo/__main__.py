"""`python -m jobs.demo` is `lift demo`."""

import sys

from jobs.command import main

main(["demo", *sys.argv[1:]])
