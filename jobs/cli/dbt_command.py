"""`lift dbt`: any command of dbt, with the compiled configuration."""

from contextlib import nullcontext

import typer

from jobs.cli.options import DEFAULT_CONFIG, Config, begin


def dbt(context: typer.Context, config: Config = DEFAULT_CONFIG) -> None:
    """Run dbt with the compiled configuration.

    Commands that write nothing do not wait for a run: ls, show, compile, parse, docs.
    """
    from jobs.build.run import READ_ONLY, dbt_subcommand, run_dbt
    from jobs.warehouse import run_lock

    changes_nothing = dbt_subcommand(context.args) in (None, *READ_ONLY)
    settings = begin(config, "text", debug=False, writes=not changes_nothing)
    with nullcontext() if changes_nothing else run_lock(settings, "lift dbt"):
        raise typer.Exit(run_dbt(settings, context.args))
