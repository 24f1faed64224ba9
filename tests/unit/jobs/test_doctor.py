"""The doctor: the way of messages to a destination, reason by reason."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from rich.console import Console

from jobs.cli.findings import SUBJECTS, print_chains
from jobs.doctor.run import Chain, examine
from jobs.publish.run import publish
from tests.unit.jobs.made_warehouse import Made


def shown(chains: list[Chain]) -> list[str]:
    stream = StringIO()
    print_chains(Console(file=stream, width=40), chains)
    return stream.getvalue().splitlines()


def test_m28_a33_doctor_counts_drops_in_the_order_in_which_a_destination_asks(
    tmp_path: Path,
) -> None:
    made = Made(tmp_path)
    offered = {"destination": "split", "source": "web"}
    made.add(
        "rpt_delivery_summary",
        {**offered, "reason": None, "messages": 1000},
        {**offered, "type": "page", "reason": None, "messages": 200},
        {**offered, "reason": "unnamed_page", "messages": 4},
        {**offered, "reason": "call_disabled", "messages": 3},
        {**offered, "reason": "unsupported_type", "messages": 2},
        {**offered, "reason": "consent", "messages": 1},
        {"destination": "mutiny", "source": "web", "reason": "destination_inactive", "messages": 9},
    )
    publish(made.settings)
    chains, findings = examine(made.settings)
    assert findings == []
    assert shown(chains) == [
        "mutiny from web: 9 offered - 9 destination_inactive = 0 delivered",
        "split from web: 1,210 offered - 1 consent - 2 unsupported_type - 3 call_disabled"
        " - 4 unnamed_page = 1,200 delivered",
        "",
    ]


def test_doctor_counts_the_ways_past_the_first_twenty() -> None:
    chains = [Chain("split", f"s{number}", 1, {}, 1) for number in range(SUBJECTS + 3)]
    assert shown(chains)[SUBJECTS:] == ["and 3 more in rpt_delivery_summary", ""]
    assert shown([]) == []
