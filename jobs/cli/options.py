"""The options that every command takes, and how a command begins."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jobs.cli.terminal import say, start_logging
from jobs.errors import UsageError

if TYPE_CHECKING:
    from jobs.config import Settings

Config = Annotated[Path, typer.Option("--config", help="Read this configuration file.")]
LogFormat = Annotated[
    Literal["text", "json"],
    typer.Option("--log-format", help="Print text, or one JSON object per line."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Print a traceback when something fails.")]
FullRefresh = Annotated[
    bool, typer.Option("--full-refresh", help="Recompute everything from the raw tables.")
]

DEFAULT_CONFIG = Path("lift.yml")


def examples(*lines: str) -> str:
    """Return the end of a help text: commands that can be typed as they are, never wrapped."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


def print_version(is_asked: bool) -> None:
    """Print the version and exit, if it is asked for."""
    if is_asked:
        from importlib.metadata import version

        say(f"lift {version('segment-lift')}")
        raise typer.Exit


def experience_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the experiences of the publication that begin with some text, for the shell."""
    from jobs.config import load_settings
    from jobs.publication import read_publication
    from jobs.results.verdicts import experience_names

    try:
        with read_publication(load_settings(context.params.get("config") or DEFAULT_CONFIG)) as con:
            names = experience_names(con)
    except Exception:
        return []  # a shell that completes shows no errors
    return [name for name in names if name.casefold().startswith(incomplete.casefold())]


def begin(
    config: Path, log_format: str, debug: bool, *, writes: bool = False, lands: bool = False
) -> "Settings":
    """Start logging and return the settings.

    For a command that `writes`, check the folders it writes to; for one that `lands`, check the
    landing zone as well.

    Raises:
        UsageError: names every mistake in the configuration, one per line.
    """
    from jobs.config import SettingsError, load_settings
    from jobs.config.landing_places import check_places
    from jobs.config.pending import refuse_unmet

    start_logging(log_format, debug)
    try:
        settings = load_settings(config)
    except SettingsError as error:
        raise UsageError("\n".join(map(str, error.problems))) from error
    refuse_unmet(settings)
    if writes or lands:
        check_places(settings, lands=lands)
    return settings
