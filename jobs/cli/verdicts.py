"""The table of verdicts, at any width: columns that do not fit are stacked, no figure is cut."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from jobs.cli.terminal import columns, flow, prose
from jobs.results.changes import Change
from jobs.results.verdicts import RATE, Result
from jobs.words import VERDICTS, count_of, printable

STYLES = {
    "winner": "bold green",
    "loser": "bold red",
    "inconclusive": "yellow",
    "insufficient_data": "dim",
    "sample_ratio_mismatch": "bold magenta",
}
CHANGES = 8
"""How many changed verdicts are listed; the rest are counted."""
LONGEST = 200


def print_changes(console: Console, changes: list[Change], *, everything: bool = False) -> None:
    """Print whose status changed since the previous publication, those with a verdict first."""
    if not changes:
        _print_prose(console, "No verdict has changed since the previous publication.", "dim")
        console.print()
        return
    console.print(Text("Changed since the previous publication", "bold"))
    changes = sorted(changes, key=lambda one: {"winner", "loser"}.isdisjoint(_statuses(one)))
    for change in changes if everything else changes[:CHANGES]:
        whose = "everybody" if change.audience_segment == "(all)" else change.audience_segment
        variant = "" if change.variant in ("personalized", "(none)") else f", {change.variant}"
        since = f" since {change.period}" if change.period else ""
        named = _name(f"{change.experience}{since}, {whose}{variant}:")
        now = Text("no longer published") if change.status is None else verdict(change.status)
        before = "new" if change.status_before is None else f"was: {VERDICTS[change.status_before]}"
        for line in flow([named, now, Text(f"({before})", "dim")], console.width, "  ", "    "):
            console.print(line, soft_wrap=True)
    if not everything and len(changes) > CHANGES:
        console.print(Text(f"  and {len(changes) - CHANGES:,} more", "dim"))
    console.print()


def print_results(console: Console, results: list[Result], alpha: float) -> None:
    """Print the verdict on each experience, and how many are left out."""
    first = results[0]
    metric = "" if first.metric == RATE else f", metric: {first.metric}"
    title = (
        "Did the personalized experience convert better?"
        f" (conversion: {printable(first.conversion)}{metric})"
    )
    _print_prose(console, title, "bold")
    grouped = [list(rows) for _, rows in groupby(results, lambda row: row.title)]
    interval = f"{100 * (1 - alpha):g} % interval"
    table = _table(grouped, interval)
    if max(line.cell_len for line in table) > console.width:
        table = list(_stacked(grouped, interval, console.width))
    for line in table:
        console.print(line, soft_wrap=True)
    left_out = first.experience_count - len(grouped)
    if left_out:
        more = f"and {count_of(left_out, 'more experience')}, older and without a verdict"
        _print_prose(console, f"{more}: lift results --all", "dim")
    note = (
        "Rates are converted visitors of all."
        if first.metric == RATE
        else "Means are per visitor; in parentheses are the visitors."
        if first.metric != "value_per_conversion"
        else "Means are per conversion; in parentheses are the visitors."
    )
    note += " Intervals hold however often you look; with *, for one look."
    _print_prose(console, note, "dim")
    console.print()


def verdict(status: str) -> Text:
    """Return a status in words."""
    return Text(VERDICTS[status], STYLES.get(status, "magenta"))


def _print_prose(console: Console, words: str, style: str) -> None:
    for line in prose(words, console.width, style):
        console.print(line, soft_wrap=True)


def _table(grouped: list[list[Result]], interval: str) -> list[Text]:
    """Return one line per row, with a column per figure."""
    names = ("audience segment", "control", "personalized", "lift", interval, "verdict")
    rows: list[Sequence[Text]] = [tuple(map(Text, names))]
    for results in grouped:
        rows.append([_name(results[0].title, "bold")])
        rows += [[_label(row), *map(Text, _figures(row)), verdict(row.status)] for row in results]
        rows += [[words] for words in _more(results)]
    return columns(rows, "lrrrrl")


def _stacked(grouped: list[list[Result]], interval: str, width: int) -> Iterator[Text]:
    """Yield the verdict of each row, and its figures below it."""
    for results in grouped:
        yield _name(results[0].title, "bold")
        for row in results:
            label = _label(row)
            label.append(":")
            yield from flow([label, verdict(row.status)], width, "", "    ")
            control, variant, lift, bounds = _figures(row)
            figures = [f"control {control},", f"personalized {variant}:", f"{lift},", bounds]
            yield from flow(map(Text, figures), width, "    ", "    ")
        yield from _more(results)
    yield from prose(f"The last figures are the lift and its {interval}.", width, "dim")


def _figures(row: Result) -> tuple[str, str, str, str]:
    """Return the means of control and variant, the lift and its interval; * marks one look."""
    bounds = "-"
    if row.ci_lower is not None and row.ci_upper is not None:
        bounds = f"{row.ci_lower:+.0%} to {row.ci_upper:+.0%}{'*' if row.is_for_one_look else ''}"
    return (
        _mean(row.metric, row.control_mean, row.control_visitors),
        _mean(row.metric, row.variant_mean, row.variant_visitors),
        "-" if row.lift is None else f"{row.lift:+.1%}",
        bounds,
    )


def _mean(metric: str, mean: float | None, visitors: int) -> str:
    if metric == RATE:
        return f"{mean:.1%} of {visitors:,}" if mean is not None else f"- of {visitors:,}"
    written = "-" if mean is None else f"{mean:,.3f}" if abs(mean) < 1 else f"{mean:,.2f}"
    return f"{written} ({visitors:,})"


def _name(name: str, style: str = "") -> Text:
    text = Text(printable(name), style)
    text.truncate(LONGEST, overflow="ellipsis")
    return text


def _label(row: Result) -> Text:
    return _name(f"  {row.label}")


def _more(rows: list[Result]) -> Iterator[Text]:
    if left_out := rows[0].row_count - len(rows):
        yield Text(f"  and {count_of(left_out, 'more row')}", "dim")


def _statuses(change: Change) -> set[str | None]:
    return {change.status_before, change.status}
