"""One night over names that a terminal, YAML, Jinja or SQL would read as their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from jobs.cli.app import main
from jobs.config import load_settings
from jobs.words import printable
from tests.warehouse.nights import published

NAMES = [
    "[/b] closes", "[object Object]", "[red]Sale[/red]", "[link=x]y", ":smile:", "line\nbreak\tand",
    "\x1b[31mred\x1b[0m\x07\x08", "\x9b2J", "\u202eevil", "עברית", "日本語の体験\u3000二",
    "New \U0001f389",
    "\U0001f468\u200d\U0001f469", "it's {{ 1 / 0 }}", '"q" \\ %s {% if %}', "{# a #} #}",
    "null", "2024", "x" * 300,
]  # fmt: skip
LONG = "long-" * 200
CONVERSION = "[/red] it's \U0001f389 {{ x }}"
SEGMENT = "[bold]members\x1b[2J"


# What writes past Python's streams, and what only the arguments of a process can hold.
PROCESS = {"--members", "dbt", "\udcff[/b]"}


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    returncode: int | str | None
    stdout: str
    stderr: str


def _lift(*arguments: str, folder: Path, encoding: str = "utf-8") -> Said:
    run = _in_a_process if PROCESS & set(arguments) else _in_this_process
    done = run(arguments, folder, encoding)
    assert "Traceback" not in done.stdout + done.stderr
    if "--members" in arguments and done.returncode == 0:
        return done  # a file for others, as it is
    assert not re.search(r"[^\n -~\xa0-\U0010ffff]", done.stdout + done.stderr)
    assert "\u202e" not in done.stdout
    return done


def _in_a_process(arguments: Sequence[str], folder: Path, encoding: str) -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def _in_this_process(arguments: Sequence[str], folder: Path, encoding: str) -> Said:
    said = [TextIOWrapper(BytesIO(), encoding=encoding, write_through=True) for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "stdout", said[0])
        patch.setattr(sys, "stderr", said[1])
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
    out, err = (stream.buffer.getvalue().decode(encoding) for stream in said)
    return Said(ended.value.code, out, err)


def _messages() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def send(kind: str, name: str | None, person: int, **fields: Any) -> None:
        number = len(found)
        found.append(
            {
                "messageId": f"m{number}",
                "type": kind,
                "event": name if kind == "track" else None,
                "name": name if kind == "page" else None,
                "anonymousId": f"d{person}",
                "userId": fields.pop("user", None),
                "timestamp": f"2026-05-01T10:{number // 60 % 60:02}:{number % 60:02}Z",
                "receivedAt": f"2026-05-01T11:{number // 60 % 60:02}:{number % 60:02}Z",
                "properties": json.dumps(fields.pop("properties", {})),
                "traits": json.dumps(fields),
            }
        )

    for place, name in enumerate(NAMES):
        for person in range(10 * place, 10 * place + 10):
            view = {"experience": name, "audienceSegment": name, "personalized": person % 2 == 0}
            send("track", "Mutiny Experience Viewed", person, properties=view)
            seen = {"experiment_name": name, "variation_name": "a"}
            send("track", "Experiment Viewed", person, properties=seen)
            if person % 3 == 0:
                send("track", "New \U0001f389", person)
        send("track", name, 10 * place)
        send("page", name, 10 * place)
        send("track", "Mutiny Experience Viewed", 10 * place, properties={"experience": name})
        send("identify", None, 10 * place, user=f"u{name}", **{name: name, "email": "a@b.c"})
    return found


SETTINGS = {
    "landing": "landing",
    "conversions": [
        {"name": CONVERSION, "trigger": 'event = "New \U0001f389"', "main": True},
        {"name": "typo", "trigger": 'type = "track" and event = "new-\U0001f389"'},
        *(
            {"name": f"sent {name}", "trigger": f"event = {json.dumps(name, ensure_ascii=False)}"}
            for name in (name for name in NAMES if name.isprintable())
        ),
    ],
    "segments": [
        {"name": SEGMENT, "any": [{"trait": name, "value": name} for name in NAMES]},
        {"name": "unsent", "all": [{"trait": LONG, "op": "in", "value": [LONG, *NAMES]}]},
    ],
    "audiences": [{"key": name} for name in NAMES],
    "exclude": [f'event = "{LONG}"', 'event in ["a\U0001f389", "b{{ c }}", "{% d %}", "#}"]'],
    "experiences": {"segment_aliases": {f"{LONG}{name}": name for name in NAMES}},
    "naming": {"aliases": {f"{LONG}{number}": "New \U0001f389" for number in range(200)}},
    "identity": {"blocked": ["[0-]*", "\U0001f389+", "it's"]},
}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder, with a name to match, in which one night has run."""
    folder = tmp_path_factory.mktemp("it's [b] 'a' \U0001f389 {{ x }}")
    (folder / "landing" / "web").mkdir(parents=True)
    pl.DataFrame(_messages()).write_parquet(folder / "landing" / "web" / "[red]\U0001f389.parquet")
    (folder / "landing" / "[b]no\x1b[31m.txt").write_text("fits no layout")
    settings = yaml.safe_dump(SETTINGS, allow_unicode=True)
    assert len(settings) > 200_000
    (folder / "lift.yml").write_text(settings, encoding="utf-8")
    done = _lift("nightly", folder=folder)
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stdout)
    return folder


def test_summary_shows_names_as_they_were_sent(night: Path) -> None:
    said = (night / "said.txt").read_text()
    assert f"(conversion: {CONVERSION})" in said
    lines = said.splitlines()
    for name in NAMES:
        assert any(line.startswith(printable(name)[:30]) for line in lines), name
    assert "[b]no\\x1b[31m.txt" in said


def test_figures_are_those_of_names_as_they_were_sent(night: Path) -> None:
    lift = published(
        night / "var" / "published" / "lift.duckdb",
        "select distinct experience, audience_segment, conversion from fct_experience_lift"
        " where audience_segment <> '(all)'",
    )
    assert {(row["experience"], row["audience_segment"]) for row in lift} == {
        (name, name) for name in NAMES
    }
    assert CONVERSION in {row["conversion"] for row in lift}


def test_summary_prints_the_lines_of_exposures_that_no_adapter_reads(night: Path) -> None:
    said = (night / "said.txt").read_text()
    lines = re.findall(r"^  - \{adapter.*$", said, flags=re.MULTILINE)
    assert lines == [
        "  - {adapter: mutiny}  # 209 messages",
        "  - {adapter: segment_experiment, control_variants: [control]}"
        "  # 190 messages; name your own control",
    ]
    assert "exposures_not_configured" in said
    (night / "added.yml").write_text(
        "\n".join([(night / "lift.yml").read_text(), "exposures:", *lines])
    )
    adapters = [entry.adapter for entry in load_settings(night / "added.yml").exposures]
    assert adapters == ["mutiny", "segment_experiment"]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize(
    "command",
    [
        ["doctor"],
        ["doctor", "--log-format", "json"],
        ["plan"],
        ["plan", "--log-format", "json"],
        ["plan", "--person", "u[/b] closes", "--preview", "{{[/b] closes|none}} {{null|[/b]}}"],
        ["explain", "person", "u[/b] closes"],
        ["explain", "person", "u\x1b[31mred\x1b[0m\x07\x08", "--all"],
        *(["explain", "experience", name] for name in ("[/b] closes", "\x9b2J")),
        ["explain", "experience", "[red]Sale[/red]", "--members", "--arm", "control"],
        ["export"],
        ["export", "--members", SEGMENT],
    ],
)
def test_command_shows_names_and_ends_well(night: Path, command: list[str], encoding: str) -> None:
    done = _lift(*command, folder=night, encoding=encoding)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_dbt_shows_names_and_ends_well(night: Path) -> None:
    done = _lift("dbt", "--quiet", "ls", "-s", "dq_findings", folder=night)
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["explain", "person", "[/b]"],
        ["explain", "experience", "[/b] clozes"],
        ["export", "--members", "[/b]\x1b[31m"],
        ["ingest", "--accept", "[/b]\x1b[31m"],
        ["nightly", "--config", "[/b]\x1b[31m"],
        ["[/b]\x1b[31m"],
        ["explain", "person", "\udcff[/b]"],
    ],
)
def test_mistake_shows_names_as_they_were_written(night: Path, command: list[str]) -> None:
    done = _lift(*command, folder=night)
    assert done.returncode in (1, 2)
    assert "[/b]" in done.stderr


def test_doctor_names_what_is_sent_under_another_spelling(night: Path) -> None:
    done = _lift("doctor", folder=night)
    assert 'the nearest names sent: "New \U0001f389" (' in done.stdout
    assert 'the nearest names sent: "New \U0001f389" (' in _lift("plan", folder=night).stdout
