"""`python -m jobs.publish` is `lift publish`."""

import sys

from jobs.cli.app import main

main(["publish", *sys.argv[1:]])
