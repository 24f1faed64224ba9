"""`python -m jobs.cli` is `lift`."""

from jobs.cli.app import main

main()
