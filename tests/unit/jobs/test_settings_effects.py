"""Every key of `lift.yml` has an effect, or is named as one that has none yet."""

from __future__ import annotations

import ast
import copy
import json
import os
import re
import subprocess
import sys
import typing
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from jobs.config import Settings, load_settings
from jobs.config.compile import dbt_vars
from jobs.config.rows import configuration_rows
from jobs.config.tables import ConfigRow

ROOT = Path(__file__).parents[3]

# A configuration that names every key, so that the models ask for all they ever ask for.
BASE: dict[str, Any] = {
    "landing": "landing",
    "warehouse": "var/warehouse.duckdb",
    "publish": "var/published",
    "sources": {
        "web": {"id": "w1", "kind": "engage", "environment": "prod", "region": "us",
                "destinations": ["mutiny"]},
        "app": {"destinations": ["split"]},
    },
    "destinations": {
        "mutiny": {"consent_categories": ["Ads"], "region": "us", "enforce_region": True},
        "abmatic": {"consent_categories": ["Ads"], "region": "us", "enforce_region": True},
        "split": {"consent_categories": ["Ads"], "region": "us", "enforce_region": True,
                  "value": "properties.a"},
        "mixpanel": {"consent_categories": ["Ads"], "super_properties": ["a"],
                     "mappings": [{"name": "m", "trigger": 'event = "A"', "event_name": "x",
                                   "properties": {"b": "$.name"}}]},
    },
    "identity": {"blocked": ["a"], "merge_on_email": True},
    "exclude": ['event = "A"'],
    "exposures": [
        {"adapter": "mutiny", "sources": ["web"]},
        {"adapter": "split", "unit": "user_id", "baseline": {"*": "off"}},
        {"adapter": "segment_experiment", "control_variants": ["a"]},
        {"adapter": "abmatic", "trigger": 'event = "B"', "experience": ["properties.a"],
         "variant": ["properties.b"], "audience_segment": ["properties.c"],
         "control_variants": ["a"]},
        {"adapter": "custom", "vendor": "v", "trigger": 'event = "C"', "experience": ["=a"],
         "variant": ["properties.b"], "audience_segment": ["properties.c"],
         "control_variants": ["a"]},
    ],
    "experiences": {
        "segment_aliases": {"a": "b"},
        "expected_split": {"e": {"control": 0.5, "personalized": 0.5}},
        "periods": {"e": [{"from": "2026-01-01", "to": "2026-02-01"}]},
    },
    "conversions": [
        {"name": "c", "trigger": 'event = "D"', "value": "properties.a", "currency": "properties.b",
         "distinct_by": "properties.c", "refund": 'event = "E"', "sources": ["web"]},
        {"name": "d", "trigger": 'event = "D"'},
    ],
    "audiences": [{"key": "k"}, {"name": "N"}],
    "segments": [
        {"name": "s", "all": [
            {"trait": "t", "op": "=", "value": 1}, {"account": "t", "value": 1},
            {"lead": "L", "value": 1}, {"contact": "C", "value": 1}, {"audience": "k"},
            {"event": 'event = "F"', "op": ">=", "count": 1, "within": "1d"},
            {"event": 'event = "F"', "sum": "properties.a", "op": ">", "value": 1},
            {"event": 'event = "F"', "first": "properties.a", "op": "=", "value": 1},
            {"event": 'event = "F"', "last": "properties.a", "op": "=", "value": 1},
            {"any": [{"trait": "u", "value": 1}]}, {"not": {"trait": "v", "value": 1}},
        ]},
        {"name": "any", "any": [{"trait": "t", "value": 2}]},
        {"name": "not", "not": {"trait": "t", "value": 3}},
    ],
    "crm": {"leads": "l.csv", "contacts": "c.csv", "email_column": "Email",
            "fields": {"lead": ["L", "M"], "contact": ["C"]}},
    "breakdowns": ["context.device.type", "segment:s", "traits.plan"],
    "statistics": {"winsorize": 0.9},
    "naming": {"aliases": {"old": "new"}},
}  # fmt: skip
PREDICATES = "segments", 0, "all"
TOTALS = "experience,audience_segment,arm,visitors,converters,value\ne,s,control,3,2,1.5\n"
OTHER: dict[str, list[tuple[tuple[str | int, ...], Any]]] = {
    "sources.*.id": [(("sources", "web", "id"), "w2")],
    "sources.*.kind": [(("sources", "web", "kind"), "website")],
    "sources.*.environment": [(("sources", "web", "environment"), "test")],
    "sources.*.region": [(("sources", "web", "region"), "eu")],
    "sources.*.destinations": [(("sources", "web", "destinations"), ["split"])],
    **{
        f"destinations.{name}.{key}": [(("destinations", name, key), value)]
        for name in ("mutiny", "mixpanel", "abmatic", "split")
        for key, value in {
            "state": "inactive", "region": "eu", "enforce_region": name == "mixpanel",
            "consent_categories": ["Sales"],
        }.items()
    },
    **{
        f"destinations.mixpanel.{key}": [(("destinations", "mixpanel", key), value)]
        for key, value in {
            "framework": "classic", "group_key": "g", "people": False, "page_event": "x",
            "explode_products": False, "super_properties": "traits",
            "identity_merge": "original", "mp_lib_prefix": "x",
        }.items()
    },
    **{
        f"destinations.mixpanel.mappings[].{key}": [
            (("destinations", "mixpanel", "mappings", 0, key), value)
        ]
        for key, value in {
            "name": "n", "enabled": False, "action": "alias", "trigger": 'event = "Z"',
            "event_name": "y", "properties": {"a": "$.userId"},
        }.items()
    },
    "destinations.abmatic.conversion_integration": [
        (("destinations", "abmatic", "conversion_integration"), ["google_analytics"])
    ],
    **{
        f"destinations.split.{key}": [(("destinations", "split", key), value)]
        for key, value in {
            "event_type_id": "name", "value": "properties.b", "unit": ["user_id"],
            "enable_identify": False, "enable_track": False, "page_name": "x{name}",
            "screen_name": "x{name}", "coerce_numeric_strings": True, "flatten_traits": True,
        }.items()
    },
    **{
        f"identity.{key}": [(("identity", key), value)]
        for key, value in {
            "merge_on_alias": False, "merge_on_email": False, "max_links": 7,
            "large_component": 7, "blocked": ["b"],
        }.items()
    },
    "exclude": [(("exclude",), ['event = "Z"'])],
    "exposures[].adapter": [(("exposures", 0), {"adapter": "split"})],
    "exposures[].unit": [(("exposures", 1, "unit"), "account")],
    "exposures[].sources": [(("exposures", 0, "sources"), ["app"])],
    "exposures[].baseline": [(("exposures", 1, "baseline"), {"*": "on"})],
    "exposures[].control_variants": [
        (("exposures", place, "control_variants"), ["z"]) for place in (2, 3, 4)
    ],
    "exposures[].trigger": [(("exposures", place, "trigger"), 'event = "Z"') for place in (3, 4)],
    **{
        f"exposures[].{key}": [
            (("exposures", place, key), ["properties.z"]) for place in (3, 4)
        ]
        for key in ("experience", "variant", "audience_segment")
    },
    "exposures[].vendor": [(("exposures", 4, "vendor"), "w")],
    "experiences.segment_aliases": [(("experiences", "segment_aliases"), {"a": "c"})],
    "experiences.expected_split": [
        (("experiences", "expected_split", "e"), {"control": 0.4, "personalized": 0.6})
    ],
    "experiences.periods.*[].from": [(("experiences", "periods", "e", 0, "from"), "2025-01-01")],
    "experiences.periods.*[].to": [(("experiences", "periods", "e", 0, "to"), "2026-03-01")],
    **{
        f"conversions[].{key}": [(("conversions", 0, key), value)]
        for key, value in {
            "name": "z", "trigger": 'event = "Z"', "window": "1d", "value": "properties.z",
            "currency": "properties.z", "distinct_by": "properties.z", "refund": 'event = "Z"',
            "sources": ["app"],
        }.items()
    },
    "conversions[].main": [(("conversions", 1, "main"), True)],
    "audiences[].key": [(("audiences", 0, "key"), "z")],
    "audiences[].name": [(("audiences", 1, "name"), "Z")],
    "segments[].name": [(("segments", 1, "name"), "z")],
    "segments[].trait": [((*PREDICATES, 0, "trait"), "z")],
    "segments[].op": [((*PREDICATES, 0, "op"), "!="), ((*PREDICATES, 5, "op"), "<")],
    "segments[].value": [((*PREDICATES, place, "value"), 7) for place in (0, 1, 2, 3, 6, 7, 8)],
    "segments[].account": [((*PREDICATES, 1, "account"), "z")],
    "segments[].lead": [((*PREDICATES, 2, "lead"), "M")],
    "segments[].contact": [((*PREDICATES, 3), {"lead": "L", "value": 9})],
    "segments[].audience": [((*PREDICATES, 4, "audience"), "z")],
    "segments[].event": [((*PREDICATES, place, "event"), 'event = "Z"') for place in (5, 6)],
    "segments[].count": [((*PREDICATES, 5, "count"), 2)],
    "segments[].within": [((*PREDICATES, 5, "within"), "2d")],
    "segments[].sum": [((*PREDICATES, 6, "sum"), "properties.z")],
    "segments[].first": [((*PREDICATES, 7, "first"), "properties.z")],
    "segments[].last": [((*PREDICATES, 8, "last"), "properties.z")],
    "segments[].all": [(("segments", 0, "all"), [{"trait": "t", "value": 1}])],
    "segments[].any": [(("segments", 1, "any"), [{"trait": "z", "value": 2}])],
    "segments[].not": [(("segments", 2, "not"), {"trait": "z", "value": 3})],
    "crm.fields.lead": [], "crm.fields.contact": [],
    "breakdowns": [(("breakdowns", 0), "context.os.name")],
    **{
        f"statistics.{key}": [(("statistics", key), value)]
        for key, value in {
            "unit": "user_id", "crossover": "exclude", "scope": "all", "alpha": 0.1, "power": 0.9,
            "tuning_visitors": 7, "srm_alpha": 0.01, "min_visitors": 7, "min_converters": 7,
            "cuped_lookback": "7d", "winsorize": 0.8,
        }.items()
    },
    "statistics.prior.mean": [(("statistics", "prior"), {"mean": 0.1})],
    "statistics.prior.stddev": [(("statistics", "prior"), {"stddev": 0.1})],
    "naming.aliases": [(("naming", "aliases", "old"), "newer")],
    "naming.max_event_names": [(("naming", "max_event_names"), 7)],
    "quality.future_skew": [(("quality", "future_skew"), "7m")],
    "quality.stale_after": [(("quality", "stale_after"), "7h")],
    "reconcile": [(("reconcile",), {"mutiny": "totals.csv"})],
}  # fmt: skip
"""Other values of each key that reaches the models; all of them make a difference there."""

# What Python reads, and where: the models know nothing of it.
IN_PYTHON = {
    "landing": "jobs/ingest/run.py",
    "warehouse": "jobs/warehouse.py",
    "publish": "jobs/publish/run.py",
    "crm.leads": "jobs/ingest/crm.py",
    "crm.contacts": "jobs/ingest/crm.py",
    "crm.email_column": "jobs/ingest/crm.py",
    "crm.valid_from_column": "jobs/ingest/crm.py",
    "crm.fields.lead": "jobs/ingest/crm.py",
    "crm.fields.contact": "jobs/ingest/crm.py",
    "quality.max_rejected_share": "jobs/ingest/run.py",
    "resources.threads": "jobs/warehouse.py",
    "resources.memory_limit": "jobs/warehouse.py",
    "resources.temp": "jobs/warehouse.py",
    "publication.keep": "jobs/publish/generations.py",
    "publication.events": "jobs/publish/run.py",
    "exports.formats": "jobs/export/run.py",
    "alerts.webhook_env": "jobs/alerts/run.py",
    "alerts.ping_env": "jobs/alerts/run.py",
    "alerts.on": "jobs/alerts/run.py",
    "exports.postgres_env": "jobs/export/run.py",
}
# `version` says which keys there are; the paths of `privacy` stop the run.
REFUSED = {"version", "privacy.deny", "privacy.hash", "privacy.hash_key_env"}
# They help to read a data lake, whatever else a key does.
SPELLINGS = ("flattened_keys", "config_event_spellings")


def _leaves(part: type[BaseModel], prefix: str, above: tuple[type, ...] = ()) -> Iterator[str]:
    for name, field in part.model_fields.items():
        key = f"{prefix}.{field.alias or name}".removeprefix(".")
        inner = [each for each in dict.fromkeys(_parts(field.annotation)) if each[1] not in above]
        if not inner or key in ("segments[].all", "segments[].any", "segments[].not"):
            yield key
        for within, found in inner:
            # A predicate is one wherever it is nested.
            below = "segments[]" if key.startswith("segments[]") else key + within
            yield from _leaves(found, below, (*above, found))


def _parts(annotation: Any, within: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield within, annotation
        return
    steps = {dict: "*", tuple: "[]"}
    step = steps.get(typing.get_origin(annotation), "")
    below = within + (f".{step}" if step == "*" else step)
    for argument in typing.get_args(annotation):
        yield from _parts(argument, below)


def _settings(folder: Path, data: dict[str, Any]) -> Settings:
    path = folder / "lift.yml"
    path.write_text(yaml.safe_dump(data))
    (folder / "totals.csv").write_text(TOTALS)
    return load_settings(path)


def _changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    data: Any = copy.deepcopy(BASE)
    place = data
    for step in path[:-1]:
        place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
    if path[:2] == ("exposures", 0) and path[2:] == ():
        place.pop(1)  # of each vendor the first entry counts
    place[path[-1]] = value
    return data  # type: ignore[no-any-return]


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        inner = [(f"{path}.{key}", each) for key, each in value.items()]
    elif isinstance(value, list):
        inner = [(f"{path}.{place}", each) for place, each in enumerate(value)]
    else:
        return {path.removeprefix("."): value}
    return dict(chain.from_iterable(_flat(each, key).items() for key, each in inner))


def _compiled(settings: Settings) -> dict[str, Any]:
    """What reaches the models: each variable, and each column of the configuration's tables."""
    columns = {
        f"{row_type.table}.{field.name}": [
            getattr(row, field.name) for row in rows
        ]
        for row_type, rows in configuration_rows(settings).items()
        for field in fields(row_type)
    }  # fmt: skip
    return _flat(dbt_vars(settings)) | columns


def _columns_read() -> set[str]:
    """Which columns of a table of the configuration its readers name, or their macros."""
    macros = {
        name: body
        for path in (ROOT / "macros").rglob("*.sql")
        for name, body in re.findall(
            r"\{% macro (\w+)(.*?)\{%-? endmacro", path.read_text(), flags=re.DOTALL
        )
    }
    models = []
    for path in (ROOT / "models").rglob("*.sql"):
        sql = path.read_text()
        called = [body for name, body in macros.items() if re.search(rf"\b{name}\(", sql)]
        models.append("\n".join([sql, *called]))
    return {
        f"{row_type.table}.{field.name}"
        for row_type in ConfigRow.__subclasses__()
        for field in fields(row_type)
        for sql in models
        if f"source('raw', '{row_type.table}')" in sql and re.search(rf"\b{field.name}\b", sql)
    }


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Which variables and columns the models read where every key is given."""
    folder = tmp_path_factory.mktemp("read")
    _settings(folder, BASE)
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.jobs.variables_read", "lift.yml"],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return set(json.loads(done.stdout)) | _columns_read()


def test_every_key_is_looked_at() -> None:
    keys = set(_leaves(Settings, ""))
    assert len(keys) > 100
    assert keys == OTHER.keys() | IN_PYTHON.keys() | REFUSED


def test_every_key_reaches_a_model(read: set[str], tmp_path: Path) -> None:
    base = _compiled(_settings(tmp_path, BASE))
    without = []
    for key, path, value in (
        (key, path, value) for key, changes in OTHER.items() for path, value in changes
    ):
        changed = _compiled(_settings(tmp_path, _changed(path, value)))
        different = {
            name
            for name in base.keys() | changed.keys()
            if base.get(name, ...) != changed.get(name, ...) and not name.startswith(SPELLINGS)
        }
        if not different & read:
            without.append((key, path, sorted(different)))
    assert without == [], "no model reads the key"


@pytest.mark.parametrize(("key", "module"), IN_PYTHON.items())
def test_key_is_read_where_it_is_said_to_be(key: str, module: str) -> None:
    *above, name = key.split(".")
    attributes = [
        node for node in ast.walk(ast.parse((ROOT / module).read_text()))
        if isinstance(node, ast.Attribute) and node.attr == name
    ]  # fmt: skip
    owner = above[-1] if above else "settings"
    assert any(
        getattr(node.value, "attr", getattr(node.value, "id", None)) == owner for node in attributes
    )
