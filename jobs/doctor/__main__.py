"""`python -m jobs.doctor` is `lift doctor`."""

import sys

from jobs.cli.app import main

main(["doctor", *sys.argv[1:]])
