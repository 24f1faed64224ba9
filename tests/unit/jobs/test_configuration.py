"""The settings as rows of the warehouse."""

from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb
import pytest
import yaml

from jobs.build.configuration import write_configuration
from jobs.config import Settings
from jobs.config.compile import dbt_vars
from jobs.config.rows import configuration_rows
from jobs.config.tables import (
    ConfigConversion,
    ConfigDestination,
    ConfigEventAlias,
    ConfigExposureEntry,
    ConfigPeriod,
    ConfigRow,
    ConfigSegmentAlias,
    ConfigSource,
    ConfigSourceKey,
    ConfigTrigger,
    ConfigVendorUnit,
)
from tests.unit.jobs.test_settings import SAMPLE, load

Row = TypeVar("Row", bound=ConfigRow)


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LIFT_HASH_KEY", "correct horse")
    return load(tmp_path, SAMPLE)


def rows_of(settings: Settings, row_type: type[Row]) -> list[Row]:
    return [row for row in configuration_rows(settings)[row_type] if isinstance(row, row_type)]


def test_configuration_rows_hold_what_the_models_join(sample: Settings) -> None:
    assert ConfigSourceKey("wK3sQ", "web") in rows_of(sample, ConfigSourceKey)
    assert ConfigSourceKey("product", "product") in rows_of(sample, ConfigSourceKey)
    sources = {row.source: row for row in rows_of(sample, ConfigSource)}
    assert sources["flags"].environment == "prod"
    assert sources["flags"].destinations is None
    destinations = {row.vendor: row for row in rows_of(sample, ConfigDestination)}
    assert set(destinations) == {"mutiny", "mixpanel", "abmatic", "split"}
    assert destinations["mutiny"].state == "active"
    assert "alias" not in destinations["mixpanel"].accepted_types
    assert rows_of(sample, ConfigPeriod) == [
        ConfigPeriod("Corporate Website", date(2026, 1, 1), date(2026, 4, 1))
    ]
    assert rows_of(sample, ConfigSegmentAlias) == [ConfigSegmentAlias("SMB", "Small company")]
    assert rows_of(sample, ConfigEventAlias) == [ConfigEventAlias("SignedUp", "Signed Up")]
    first = rows_of(sample, ConfigConversion)[0]
    assert (first.is_main, first.window_seconds, first.has_value) == (True, 604_800, False)
    entries = rows_of(sample, ConfigExposureEntry)
    assert entries[0].vendor == "mutiny"
    assert entries[1].unit_type == "user_id"
    assert entries[4].vendor == "pricing"
    triggers = rows_of(sample, ConfigTrigger)
    takes = {(row.conversion, row.entry): row.sources for row in triggers}
    assert (takes["signup", None], takes["order", None]) == (None, ["web", "backend"])
    assert (takes[None, 0], takes[None, 1]) == (None, ["web"])
    numbers = {row.trigger_number: row.entry for row in triggers}
    assert list(numbers) == [trigger["number"] for trigger in dbt_vars(sample)["triggers"]]
    assert [entry for entry in numbers.values() if entry is not None] == list(range(len(entries)))


def test_mixpanel_accepts_aliases_once_an_enabled_mapping_makes_something_of_them(
    tmp_path: Path,
) -> None:
    text = (
        "landing: x\ndestinations: {mixpanel: {mappings: [{action: alias, enabled: %s,"
        " trigger: 'type = \"alias\"'}]}}\n"
    )
    for enabled in (True, False):
        settings = load(tmp_path, text % str(enabled).lower())
        accepted = {row.vendor: row.accepted_types for row in rows_of(settings, ConfigDestination)}
        assert ("alias" in accepted["mixpanel"]) == enabled
        assert "alias" not in accepted["mutiny"]


def test_units_begin_with_their_type_where_a_vendor_has_several(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
landing: x
statistics: {unit: user_id}
exposures:
  - {adapter: split}
  - {adapter: split, unit: anonymous_id}
  - {adapter: custom, vendor: split, trigger: 'type = "page"', experience: =e, variant: =v}
  - {adapter: mutiny, unit: account}
""",
    )
    assert rows_of(settings, ConfigVendorUnit) == [
        ConfigVendorUnit("split", "user_id", 0, "user_id:"),
        ConfigVendorUnit("split", "anonymous_id", 1, "anonymous_id:"),
        ConfigVendorUnit("mutiny", "account", 0, ""),
    ]


def test_the_main_conversion_is_marked(tmp_path: Path) -> None:
    text = (
        "landing: x\nconversions:\n"
        "  - {name: a, trigger: 'event = \"A\"'}\n"
        "  - {name: b, trigger: 'event = \"B\"', main: true}\n"
    )
    rows = rows_of(load(tmp_path, text), ConfigConversion)
    assert [row.is_main for row in rows] == [False, True]


def test_configuration_is_written_only_where_it_differs(tmp_path: Path, sample: Settings) -> None:
    with duckdb.connect() as con:
        everything = write_configuration(con, sample)
        assert len(everything) == len(configuration_rows(sample))
        assert write_configuration(con, sample) == set()
        other = load(tmp_path, "landing: x\naudiences: [{key: vip}]\n")
        write_configuration(con, other)
        assert con.execute("from raw.config_audiences").fetchall() == [("vip",)]
        assert con.execute("from raw.config_conversions").fetchall() == []
        con.execute("alter table raw.config_periods add column more integer")
        assert write_configuration(con, other) == {"config_periods"}


def test_every_table_of_the_configuration_is_declared() -> None:
    root = Path(__file__).parents[3]
    sources = yaml.safe_load((root / "models" / "_sources.yml").read_text())["sources"][0]
    declared = {each["name"] for each in sources["tables"] if each["name"].startswith("config_")}
    assert declared == {row_type.table for row_type in ConfigRow.__subclasses__()}
