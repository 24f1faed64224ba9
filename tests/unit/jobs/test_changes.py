"""Which models a build makes whole again: those that changed, and all that read them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from jobs.build import run as build
from jobs.build.changes import OF_FLATTENED, Project, of_configuration, with_descendants
from jobs.config import Settings, load_settings
from jobs.config.compile import dbt_vars
from jobs.config.rows import configuration_rows

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

SETTINGS = Path(__file__).parents[3] / "data" / "sample" / "lift.yml"
MODEL = "model.segment_lift.{}"
MACRO = "macro.segment_lift.{}"
SOURCE = "source.segment_lift.raw.{}"


class Parsed:
    """The parsed models and the settings of the sample company, to change."""

    def __init__(self, manifest: Manifest, settings: Settings) -> None:
        self.manifest, self.settings = manifest, settings
        self.variables = variables_of(settings)

    def outdated(self, change: Callable[[Parsed], None]) -> set[str]:
        """The folders and names of the models that a change makes a build make whole again."""
        changed = Parsed(copy.deepcopy(self.manifest), self.settings)
        change(changed)
        before = Project(self.manifest, self.variables).fingerprints()
        after = Project(changed.manifest, changed.variables).fingerprints()
        nodes = {node for node, digest in after.items() if before[node] != digest}
        rows = configuration_rows(self.settings)
        nodes |= {
            SOURCE.format(row_type.table)
            for row_type, found in configuration_rows(changed.settings).items()
            if found != rows[row_type] and row_type.table not in OF_FLATTENED
        }
        return {
            f"{Path(self.manifest.nodes[node].path).parent}/{self.manifest.nodes[node].name}"
            for node in with_descendants(changed.manifest, nodes)
            if node in self.manifest.nodes
        }

    def configure(self, old: str, new: str) -> None:
        """Replace a text of lift.yml."""
        text = SETTINGS.read_text()
        assert old in text
        path = self.settings.file.with_name("changed.yml")
        path.write_text(text.replace(old, new))
        self.settings = load_settings(path)
        self.variables = variables_of(self.settings)

    def add_to_macro(self, name: str, text: str) -> None:
        macro = self.manifest.macros[MACRO.format(name)]
        macro.macro_sql = macro.macro_sql.replace("%}", f"%}}{text}", 1)


def variables_of(settings: Settings) -> dict[str, Any]:
    """The variables that count where no message is flattened."""
    return {key: value for key, value in dbt_vars(settings).items() if key not in OF_FLATTENED}


def keep_manifest(manifest: Manifest) -> Manifest:
    """What dbt's process does with the parsed project: hand it over."""
    return manifest


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Parsed:
    path = tmp_path_factory.mktemp("parsed") / "lift.yml"
    path.write_text(SETTINGS.read_text())
    settings = load_settings(path)
    result = build.build_selected(settings, ["ls"], prepare=keep_manifest)
    assert result.success, result.error
    return Parsed(result.prepared, settings)


def folders(models: set[str]) -> set[str]:
    return {model.split("/")[1] for model in models if model.startswith("intermediate/")}


def test_a_comment_makes_nothing_outdated(parsed: Parsed) -> None:
    def comment(changed: Parsed) -> None:
        for node in changed.manifest.nodes.values():
            if node.resource_type.value == "model":
                node.raw_code += "\n-- Another thought. {# And one more. #}\n"
                node.config.meta["owner"] = "somebody"
        for macro in changed.manifest.macros.values():
            if macro.package_name == "segment_lift":
                macro.macro_sql = f"{{# Another thought. #}}\n{macro.macro_sql}"

    assert parsed.outdated(comment) == set()


def test_a_window_makes_no_identity_exposure_or_segment_outdated(parsed: Parsed) -> None:
    def change(changed: Parsed) -> None:
        changed.configure("main: true, window: 7d", "main: true, window: 8d")

    outdated = parsed.outdated(change)
    assert "marts/experiences/fct_experience_lift" in outdated
    assert not folders(outdated) & {"identity", "accounts", "exposures", "segments"}


def test_another_event_of_a_conversion_makes_no_identity_outdated(parsed: Parsed) -> None:
    def change(changed: Parsed) -> None:
        changed.configure('event = "Demo Requested"', 'event = "Demo Booked"')

    outdated = parsed.outdated(change)
    assert "intermediate/messages/int_trigger_matches" in outdated
    assert not folders(outdated) & {"identity"}


def test_a_segment_makes_no_identity_or_conversion_outdated(parsed: Parsed) -> None:
    def change(changed: Parsed) -> None:
        changed.configure("name: engaged,", "name: engaged_renamed,")

    outdated = parsed.outdated(change)
    assert "marts/segments/fct_user_segment_memberships" in outdated
    assert not folders(outdated) & {"identity", "accounts", "exposures"}
    assert "marts/experiences/fct_conversions" not in outdated


def test_a_destination_makes_no_identity_or_segment_outdated(parsed: Parsed) -> None:
    def change(changed: Parsed) -> None:
        changed.configure("consent_categories: [Advertising]", "consent_categories: [Functional]")

    outdated = parsed.outdated(change)
    assert "marts/experiences/fct_experience_lift" in outdated
    assert not folders(outdated) & {"identity", "accounts", "segments"}


def test_a_model_makes_itself_and_all_that_read_it_outdated(parsed: Parsed) -> None:
    def change(changed: Parsed) -> None:
        model = changed.manifest.nodes[MODEL.format("int_trait_changes")]
        model.raw_code = model.raw_code.replace("select", "select distinct", 1)

    outdated = parsed.outdated(change)
    assert "intermediate/segments/int_trait_changes" in outdated
    assert "marts/segments/fct_trait_changes" in outdated
    assert "identity" not in folders(outdated)


def test_a_configuration_of_a_model_makes_it_outdated(parsed: Parsed) -> None:
    def change(changed: Parsed) -> None:
        node: Any = changed.manifest.nodes[MODEL.format("int_trait_changes")]
        node.config.unique_key = "x"

    assert "intermediate/segments/int_trait_changes" in parsed.outdated(change)


def test_a_macro_makes_all_outdated_that_reach_it(parsed: Parsed) -> None:
    # Only another macro calls it: `metric_tests` of the statistics.
    def change(changed: Parsed) -> None:
        changed.add_to_macro("finite", " 0 + ")

    reached = parsed.outdated(change)
    assert "marts/experiences/fct_experience_lift" in reached
    assert not folders(reached) & {"identity", "accounts", "exposures", "segments"}


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ({"through": "finite"}, "finite"),
        ({"incremental_strategy": "whole_days"}, "get_incremental_whole_days_sql"),
        ({"materialized": "own"}, "materialization_own_default"),
    ],
)
def test_a_macro_that_a_configuration_names_makes_its_model_outdated(
    parsed: Parsed, config: dict[str, str], name: str
) -> None:
    named = Parsed(copy.deepcopy(parsed.manifest), parsed.settings)
    for key, value in config.items():
        named.manifest.nodes[MODEL.format("int_trait_changes")].config[key] = value
    macro = named.manifest.macros[MACRO.format("finite")]
    macro.name = name

    def change(changed: Parsed) -> None:
        changed.add_to_macro("finite", " 0 + ")

    assert "intermediate/segments/int_trait_changes" in named.outdated(change)


def test_a_key_of_a_variable_makes_none_outdated_that_read_others(parsed: Parsed) -> None:
    def change(changed: Parsed) -> None:
        changed.variables["statistics"]["alpha"] = 0.1

    outdated = parsed.outdated(change)
    assert "marts/experiences/fct_experience_lift" in outdated
    assert not folders(outdated) & {"identity", "exposures", "segments"}


def test_a_table_of_the_configuration_has_the_fingerprint_of_its_rows(parsed: Parsed) -> None:
    source = copy.deepcopy(next(iter(parsed.manifest.sources.values())))
    source.schema, source.identifier = "raw", "config_periods"
    manifest = copy.deepcopy(parsed.manifest)
    manifest.sources = {source.unique_id: source}
    with duckdb.connect() as con:
        con.execute("create schema raw")
        assert of_configuration(con, manifest) == {}
        con.execute(
            "create table raw.config_periods as from (values ('a', 1), ('b', 2)) as t(x, y)"
        )
        known = of_configuration(con, manifest)
        assert of_configuration(con, manifest, {"config_periods"}) == {}
        con.execute(
            "create or replace table raw.config_periods as from raw.config_periods order by y desc"
        )
        assert of_configuration(con, manifest) == known
        con.execute("update raw.config_periods set y = 3 where x = 'a'")
        assert of_configuration(con, manifest) != known
    assert known.keys() == {source.unique_id}


def test_how_a_table_is_replaced_makes_no_model_outdated(parsed: Parsed) -> None:
    # The order of a mart's rows reads the breakdowns.
    macro = "materialization_table_duckdb"
    assert parsed.outdated(lambda changed: changed.add_to_macro(macro, " {% do 1 %} ")) == set()


def test_breakdowns_make_no_identity_exposure_or_segment_outdated(parsed: Parsed) -> None:
    def change(changed: Parsed) -> None:
        changed.variables["breakdowns"] = []

    outdated = parsed.outdated(change)
    assert "intermediate/outcomes/int_unit_fields" in outdated
    assert not folders(outdated) & {"identity", "accounts", "exposures", "segments"}
