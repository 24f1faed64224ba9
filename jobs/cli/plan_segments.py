"""A plan and a preview as text."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.cli.plan_sizes import print_sample_sizes
from jobs.config import Settings
from jobs.plan.matches import AudienceSize, ConversionMatches, Plan, RuleSize
from jobs.plan.near_names import NearName
from jobs.plan.preview import FilledToken, Preview
from jobs.words import printable


def print_plan(console: Console, settings: Settings, found: Plan) -> None:
    """Print the size of segments and audiences, what conversions match and what tests need."""
    if not (found.rules or found.audiences or found.conversions):
        console.print("lift.yml has no segments or conversions, and Engage has sent no audience.")
        return
    if found.rules:
        table = _table("Segments", "segment", "now", "ever")
        for rule in found.rules:
            table.add_row(*_rule(rule))
        console.print(table)
    if found.audiences:
        table = _table("Audiences", "audience", "now", "ever", "unknown")
        for audience in found.audiences:
            table.add_row(*_audience(audience))
        console.print(table)
    if found.conversions:
        table = _table("Conversions", "conversion", "messages", "persons", "counted")
        for conversion in found.conversions:
            table.add_row(*_conversion(conversion))
        console.print(table)
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


def _table(title: str, name: str, *counts: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2), pad_edge=False)
    table.add_column(name, overflow="fold")
    for count in counts:
        table.add_column(count, justify="right")
    table.add_column("", style="dim", overflow="fold")
    return table


def _remark(console: Console, words: str) -> None:
    console.print(Text(printable(words), "yellow"), soft_wrap=True)


def _rule(rule: RuleSize) -> list[str | Text]:
    name = Text(printable(rule.segment))
    if rule.persons_now is None or rule.persons_ever is None:
        return [name, "-", "-", "not built yet; run lift nightly"]
    return [name, f"{rule.persons_now:,}", f"{rule.persons_ever:,}", ""]


def _audience(audience: AudienceSize) -> list[str | Text]:
    remark = ""
    if not audience.is_known:
        remark = "no message names it; check how Engage spells its key"
    elif audience.is_stale:
        remark = "silent for more than six hours"
    return [
        Text(printable(audience.audience)),
        f"{audience.persons_now:,}",
        f"{audience.persons_ever:,}",
        f"{audience.persons_unknown:,}",
        remark,
    ]


def _conversion(conversion: ConversionMatches) -> list[str | Text]:
    remark = ""
    if not conversion.messages:
        remark = "no message matches"
    elif not conversion.counted:
        remark = "not built yet; run lift nightly"
    return [
        Text(printable(conversion.conversion)),
        f"{conversion.messages:,}",
        f"{conversion.persons:,}",
        f"{conversion.counted:,}",
        remark,
    ]


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
