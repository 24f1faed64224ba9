"""`lift explain experience NAME --vendor-bridge`, over a publication by hand."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from jobs.cli.app import main

CONFIG = """
landing: landing
publish: published
conversions:
  - {name: order, trigger: 'event = "Order Completed"', value: properties.revenue}
  - {name: signup, trigger: 'event = "Signed Up"', main: true}
"""
TABLES = """
create table runs (started_at timestamp, config_hash varchar);
create table fct_exposures (vendor varchar, experience varchar, outcome varchar);
create table fct_assignments (
    vendor varchar, experience varchar, audience_segment varchar, period date
);
insert into fct_exposures values
    ('mutiny', 'Homepage', 'assigned'), ('pricing', 'Plans', 'assigned');
insert into fct_assignments values
    ('mutiny', 'Homepage', '(all)', null), ('mutiny', 'Homepage', 'Small', null),
    ('pricing', 'Plans', '(all)', null);
"""
BRIDGE = """
create table rpt_vendor_bridge (
    vendor varchar, experience varchar, audience_segment varchar, period date, conversion varchar,
    arm varchar, step_number integer, step varchar, visitors bigint, converters bigint,
    value decimal(38, 4), visitors_change bigint, converters_change bigint,
    value_change decimal(38, 4)
);
insert into rpt_vendor_bridge values
    ('mutiny', 'Homepage', '(all)', null, 'signup', 'control', 1, 'vendor_rules',
     1200, 30, null, null, null, null),
    ('mutiny', 'Homepage', '(all)', null, 'signup', 'control', 2, 'duplicates_removed',
     1200, 30, null, 0, 0, null),
    ('mutiny', 'Homepage', '(all)', null, 'signup', 'control', 3, 'persons_resolved',
     1100, 45, null, -100, 15, null),
    ('mutiny', 'Homepage', '(all)', null, 'signup', 'control', 4, 'ours',
     1100, 45, null, 0, 0, null),
    ('mutiny', 'Homepage', '(all)', null, 'order', 'personalized', 1, 'vendor_reported',
     9, null, 1234.5, null, null, null),
    ('mutiny', 'Homepage', '(all)', null, 'order', 'personalized', 2, 'ours',
     8, 2, 1000, -1, null, -234.5);
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "lift.yml").write_text(CONFIG)
    _publish(tmp_path, TABLES + BRIDGE)
    return tmp_path


def _publish(folder: Path, sql: str) -> None:
    (folder / "published").mkdir(exist_ok=True)
    with duckdb.connect(str(folder / "published" / "lift.duckdb")) as con:
        con.execute(sql)


def _explain(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["explain", "experience", *arguments])
    code = ended.value.code
    assert isinstance(code, int)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_bridge_shows_first_and_last_figures_and_changes_between(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = _explain(capsys, "Homepage", "--vendor-bridge")
    assert code == 0
    assert [line.rstrip() for line in out.splitlines() if line.strip()] == [
        "Homepage, everybody",
        "mutiny, signup, control",
        "  visitors  converters",
        "     1,200          30  by the rules of mutiny: its visitors, every copy of a message",
        "         0           0  each message once, each distinct_by value once",
        "      -100         +15  our units in the place of its visitors",
        "     1,100          45  ours",
        "mutiny, order, personalized",
        "  visitors  converters       value",
        "         9           -    1,234.50  as mutiny reports",
        "         8           2    1,000.00  ours",
    ]


def test_bridge_of_one_conversion_as_records(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = _explain(
        capsys, "Homepage", "--vendor-bridge", "--conversion", "order", "--log-format", "json"
    )
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["step"] for record in records] == ["vendor_reported", "ours"]
    assert records[1] == {
        "kind": "bridge_step", "experience": "Homepage", "audience_segment": "(all)",
        "vendor": "mutiny", "period": None, "conversion": "order", "arm": "personalized",
        "step": "ours", "visitors": 8, "converters": 2, "value": 1000.0, "visitors_change": -1,
        "converters_change": None, "value_change": -234.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["Plans", "--vendor-bridge"],
         "No vendor of Plans has a bridge, because none is set up; name mutiny, abmatic or split"
         " under destinations and run lift nightly."),
        (["Homepage", "--vendor-bridge", "--conversion", "signups"],
         "No conversion is called signups; did you mean signup?"),
        (["Homepage", "--vendor-bridge", "--members"],
         "--members and --vendor-bridge print different things; choose one."),
    ],
)  # fmt: skip
def test_bridge_that_there_is_not_is_a_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    code, _, err = _explain(capsys, *arguments)
    assert (code, " ".join(err.split())) == (2, expected)
