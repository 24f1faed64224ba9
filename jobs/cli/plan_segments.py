"""A plan and a preview as text."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.cli.plan_sizes import print_sample_sizes
from jobs.config import Settings
from jobs.plan.matches import AudienceSize, ConversionMatches, Plan, RuleSize
from jobs.plan.near_names import NearName
from jobs.plan.preview import FilledToken, Preview
from jobs.words import printable

NOT_BUILT = "not built yet; run lift nightly"

Row = tuple[str, Sequence[int | None], str]


def print_plan(console: Console, settings: Settings, found: Plan) -> None:
    """Print the size of segments and audiences, what conversions match and what tests need."""
    if not (found.rules or found.audiences or found.conversions):
        console.print("lift.yml has no segments or conversions, and Engage has sent no audience.")
        return
    _print_table(console, "Segments", ("segment", "now", "ever"), map(_rule, found.rules))
    columns = ("audience", "now", "ever", "unknown")
    _print_table(console, "Audiences", columns, map(_audience, found.audiences))
    columns = ("conversion", "messages", "persons", "counted")
    _print_table(console, "Conversions", columns, map(_conversion, found.conversions))
    for conversion in found.conversions:
        if not conversion.messages:
            _remark(console, f"{conversion.conversion}: {_nearest(conversion.nearest)}")
    if found.sample_sizes:
        print_sample_sizes(console, settings, found.sample_sizes)
    if found.conversions and not found.has_events:
        _remark(console, "The publication has no events: conversions are as last counted.")
    if found.is_changed:
        new = "; messages and persons use the new triggers" if found.has_events else ""
        _remark(console, f"lift.yml has changed since the last night: sizes use the old one{new}.")


def print_preview(console: Console, filled: Preview) -> None:
    """Print the text as the person would read it, and the origin of each token."""
    console.print(
        *(Text(printable(line)) for line in filled.text.splitlines()), sep="\n", soft_wrap=True
    )
    console.print(Text(f"as {printable(filled.person_id)} would read it", "dim"), soft_wrap=True)
    for token in filled.tokens:
        console.print(_token(token), soft_wrap=True)


def _print_table(
    console: Console, title: str, columns: tuple[str, ...], rows: Iterable[Row]
) -> None:
    """Print rows of a name, its counts (None prints as -) and a remark; nothing without rows."""
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2), pad_edge=False)
    table.add_column(columns[0], overflow="fold")
    for count in columns[1:]:
        table.add_column(count, justify="right")
    table.add_column("", style="dim", overflow="fold")
    for name, counts, remark in rows:
        figures = ("-" if count is None else f"{count:,}" for count in counts)
        table.add_row(Text(printable(name)), *figures, remark)
    if table.rows:
        console.print(table)


def _remark(console: Console, words: str) -> None:
    console.print(Text(printable(words), "yellow"), soft_wrap=True)


def _rule(rule: RuleSize) -> Row:
    remark = NOT_BUILT if rule.persons_now is None else ""
    return rule.segment, [rule.persons_now, rule.persons_ever], remark


def _audience(audience: AudienceSize) -> Row:
    remark = "silent for more than six hours" if audience.is_stale else ""
    if not audience.is_known:
        remark = "no message names it; check how Engage spells its key"
    counts = [audience.persons_now, audience.persons_ever, audience.persons_unknown]
    return audience.audience, counts, remark


def _conversion(conversion: ConversionMatches) -> Row:
    remark = "" if conversion.counted else NOT_BUILT
    if not conversion.messages:
        remark = "no message matches"
    counts = [conversion.messages, conversion.persons, conversion.counted]
    return conversion.conversion, counts, remark


def _nearest(names: list[NearName]) -> str:
    if not names:
        return "no similar name is sent; rpt_conversion_catalog lists what is"
    what = "the nearest names sent"
    if any(name.is_same for name in names):
        what = "sent, but not as the trigger asks"
    return f"{what}: {', '.join(map(str, names))}"


def _token(token: FilledToken) -> Text:
    pieces = [f"  {printable(token.trait)}", f"from {token.origin}"]
    if token.fill_rate is not None:
        pieces.append(f"{token.fill_rate:.0%} have it")
    line = Text("  ".join(pieces), "dim")
    if token.note:
        line.append(f"  {printable(token.note)}", "yellow")
    return line
