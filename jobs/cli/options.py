"""What every command takes, and how it begins: options, logging, settings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.cli.terminal import start_logging
from jobs.errors import UsageError

if TYPE_CHECKING:
    from jobs.config import Settings

Config = Annotated[Path, typer.Option("--config", help="The configuration.")]
LogFormat = Annotated[
    str, typer.Option("--log-format", help="text, or json for one JSON object a line.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")]

DEFAULT_CONFIG = Path("lift.yml")


def begin(
    config: Path, log_format: str, debug: bool, *, writes: bool = False, lands: bool = False
) -> "Settings":
    """Start logging and return the settings; every mistake in them is said at once.

    What a command `writes`, and the landing zone where it `lands`, is looked at before it begins.
    """
    from jobs.config import SettingsError, load_settings
    from jobs.config.landing_places import check_places
    from jobs.config.pending import refuse_unmet

    start_logging(log_format, debug)
    try:
        settings = load_settings(config)
    except SettingsError as error:
        raise UsageError("\n".join(str(problem) for problem in error.problems)) from error
    refuse_unmet(settings)
    if writes or lands:
        check_places(settings, lands=lands)
    return settings
