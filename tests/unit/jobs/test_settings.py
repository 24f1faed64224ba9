"""What a correct `lift.yml` means."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from pydantic import ValidationError

from jobs.config import Settings, SettingsError, load_settings
from jobs.config.compile import dbt_vars
from jobs.config.exposures import CustomExposures, SplitExposures, entry_vendor
from jobs.config.segments import AllPredicate, AnyPredicate, EventPredicate, TraitPredicate
from jobs.config.values import parse_duration

SAMPLE = """\
version: 1
landing: landing                 # a folder, or s3:// gs:// az:// URL
warehouse: var/warehouse.duckdb  # the job's own file: nobody else opens it
publish: var/published           # lift.duckdb, exports/, report/ for everybody else
sources:
  web:     {id: wK3sQ, kind: website, destinations: [mutiny, mixpanel, abmatic, split]}
  product: {kind: product, destinations: [mutiny, mixpanel, split]}
  backend: {kind: server, destinations: [mutiny, mixpanel]}
  engage:  {kind: engage, destinations: [mutiny]}
  flags:   {kind: flags, environment: prod}
destinations:
  mutiny:   {state: active}
  abmatic:  {state: active, conversion_integration: [segment]}
  split:    {state: active, event_type_id: event, value: properties.revenue}
  mixpanel: {state: active, group_key: company_id}
identity:
  merge_on_alias: true
  merge_on_email: false
  max_links: 100
  blocked: ["[0-]*", "-1", "null", "undefined", "anonymous"]
exclude:    ['contains(context.userAgent, "bot")']
exposures:
  - {adapter: mutiny}
  - {adapter: split, baseline: {"*": "off"}, unit: user_id, sources: [wK3sQ]}
  - {adapter: segment_experiment, control_variants: [control]}
  - adapter: abmatic
    trigger: 'type = "track" and event = "Campaign Viewed"'
    experience: [properties.campaign_id]
    variant: [properties.variation_id]
    audience_segment: [properties.visitor_segment]
    control_variants: [control]
  - adapter: custom
    vendor: pricing
    trigger: 'type = "page" and name = "Pricing"'
    experience: ["=pricing"]
    variant: [properties.arm]
    control_variants: [a]
experiences:
  segment_aliases: {SMB: "Small company"}
  expected_split: {"Corporate Website": {control: 0.5, personalized: 0.5}}
  periods: {"Corporate Website": [{from: 2026-01-01, to: 2026-04-01}]}
conversions:
  - {name: signup, trigger: 'type = "track" and event = "Signed Up"', main: true, window: 7d}
  - name: order
    trigger: 'type = "track" and event = "Order Completed"'
    value: properties.revenue
    currency: properties.currency
    distinct_by: properties.order_id
    refund: 'type = "track" and event = "Order Refunded"'
    sources: [web, backend]
audiences: [{name: "Recent Buyers"}, {key: order_completed_last_30days}]
segments:
  - {name: small_company, all: [{trait: employees, op: "<", value: 50}]}
  - {name: recent_buyers, all: [{audience: order_completed_last_30days}]}
  - name: finance
    any:
      - {lead: Industry, op: "=", value: Finance}
      - {contact: Industry, op: "=", value: Finance}
      - {account: industry, op: "=", value: Finance}
  - {name: engaged, all: [{event: 'type = "page"', op: ">=", count: 3, within: 7d}]}
crm:
  leads: crm/leads.csv
  contacts: crm/contacts.parquet
  email_column: Email
  valid_from_column: LastModifiedDate
  fields: {lead: [Industry], contact: [Industry, Title]}
breakdowns: [context.device.type, context.campaign.source, segment:small_company]
statistics:
  {unit: person, crossover: first, scope: received, alpha: 0.05, power: 0.8, tuning_visitors: 5000,
   srm_alpha: 0.001, min_visitors: 100, min_converters: 25, cuped_lookback: 14d, winsorize: null,
   prior: {mean: 0, stddev: 0.3}}
privacy:    {deny: [traits.ssn], hash: [traits.email, context.ip], hash_key_env: LIFT_HASH_KEY}
naming:     {aliases: {"SignedUp": "Signed Up"}, max_event_names: 200}
quality:    {future_skew: 5m, stale_after: 24h, max_rejected_share: 0.01}
resources:  {threads: 2, memory_limit: 4GB, temp: null}
publication: {keep: 3, events: table}   # events: table, parquet or none
exports:    {formats: [parquet, csv], postgres_env: null}   # formats: parquet, csv, xlsx, hyper
alerts:     {webhook_env: null, ping_env: null, on: [failure, error, verdict]}
reconcile:  {}
"""


def load(folder: Path, text: str) -> Settings:
    path = folder / "lift.yml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LIFT_HASH_KEY", "correct horse")
    return load(tmp_path, SAMPLE)


def test_sample_keeps_what_it_says(sample: Settings) -> None:
    assert sample.sources["flags"].environment == "prod"
    assert sample.sources["flags"].destinations is None
    assert sample.destinations.mixpanel.group_key == "company_id"
    assert sample.exclude[0].text == 'contains(context.userAgent, "bot")'
    split, custom = sample.exposures[1], sample.exposures[4]
    assert isinstance(split, SplitExposures)
    assert split.baseline == {"*": "off"}
    assert isinstance(custom, CustomExposures)
    assert custom.experience[0].text == "=pricing"
    period = sample.experiences.periods["Corporate Website"][0]
    assert (period.from_date, period.to_date) == (date(2026, 1, 1), date(2026, 4, 1))
    assert sample.conversions[0].window == timedelta(days=7)
    assert [audience.trait for audience in sample.audiences] == [
        "recent_buyers",
        "order_completed_last_30days",
    ]
    assert sample.breakdowns[2].segment == "small_company"
    assert sample.resources.temp is None


def test_segment_rules_are_typed(sample: Settings) -> None:
    small, _, finance, engaged = (segment.rule for segment in sample.segments)
    assert isinstance(small, AllPredicate)
    assert isinstance(small.all[0], TraitPredicate)
    assert (small.all[0].op, small.all[0].value) == ("<", 50)
    assert isinstance(finance, AnyPredicate)
    assert len(finance.any) == 3
    assert isinstance(engaged, AllPredicate)
    assert isinstance(engaged.all[0], EventPredicate)
    assert engaged.all[0].within == timedelta(days=7)


def test_paths_are_seen_from_the_folder_of_the_file(sample: Settings, tmp_path: Path) -> None:
    assert sample.landing == str(tmp_path / "landing")
    assert sample.warehouse == tmp_path / "var/warehouse.duckdb"
    assert sample.publish == tmp_path / "var/published"
    assert sample.crm.leads == tmp_path / "crm/leads.csv"


def test_landing_alone_has_every_default(tmp_path: Path) -> None:
    settings = load(tmp_path, "landing: landing\n")
    assert settings.version == 1
    assert settings.warehouse == tmp_path / "var/warehouse.duckdb"
    assert settings.sources == {}
    assert [entry.adapter for entry in settings.exposures] == ["mutiny"]
    assert settings.conversions == ()
    assert settings.main_conversion is None
    assert settings.identity.blocked == ("[0-]*", "-1", "null", "undefined", "anonymous")
    assert settings.statistics.alpha == 0.05
    assert settings.quality.future_skew == timedelta(minutes=5)
    assert settings.hash_key is None
    assert settings.postgres_url is None
    assert settings.destinations.mixpanel.mp_lib_prefix == "Segment: "


def test_sample_states_the_defaults(sample: Settings, tmp_path: Path) -> None:
    default = load(tmp_path, "landing: landing\n")
    for part in (
        "statistics",
        "quality",
        "resources",
        "publication",
        "exports",
        "identity",
        "alerts",
    ):
        assert getattr(sample, part) == getattr(default, part)


def test_sections_without_content_have_their_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, "landing: x\nsources:\n  web:\nconversions:\ndestinations:\n")
    assert settings.sources["web"].kind == "website"
    assert settings.conversions == ()


@pytest.mark.parametrize("url", ["s3://bucket/path", "gs://bucket", "az://container/x"])
def test_landing_may_be_a_url(tmp_path: Path, url: str) -> None:
    settings = load(tmp_path, f"landing: {url}\n")
    assert settings.landing == url


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("30s", 30), ("5m", 300), ("24h", 86_400), ("7d", 604_800)]
)
def test_duration_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["7", "d", "-1d", "1.5h", "7 d", "7D", "1w", 7, None, "99999d"])
def test_duration_of_another_form_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


def test_two_halves_of_a_character_are_the_one_they_are_in_json(tmp_path: Path) -> None:
    settings = load(tmp_path, r'{"landing": "x", "audiences": [{"key": "\ud83c\udf89"}]}')
    assert settings.audiences[0].key == "\U0001f389"


def test_words_are_text_as_in_yaml_1_2(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        "landing: x\nexposures: [{adapter: split, baseline: {f1: off, f2: no, f3: on}}]\n"
        "sources: {web: {id: 0123}}\n"
        "destinations: {mixpanel: {super_properties: off}}\n",
    )
    entry = settings.exposures[0]
    assert isinstance(entry, SplitExposures)
    assert entry.baseline == {"f1": "off", "f2": "no", "f3": "on"}
    assert settings.source_id("web") == "0123"


def test_destination_settings_beyond_the_sample(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
landing: x
destinations:
  mutiny: {consent_categories: [Advertising]}
  mixpanel:
    framework: classic
    region: eu
    page_event: Loaded a Page
    super_properties: [company_id]
    mappings:
      - trigger: 'type = "track" and properties.platform = "android"'
        event_name: "Android {{event}}"
        properties: {"Segment Message ID": $.messageId, kind: "=app"}
  split: {unit: user_id, page_name: null, screen_name: "view_{name}_screen"}
  abmatic: {conversion_integration: none}
""",
    )
    mixpanel = settings.destinations.mixpanel
    assert not mixpanel.sends_people
    assert mixpanel.super_properties == ("company_id",)
    assert settings.destinations.split.unit == {"user_id": "user"}
    mapped = mixpanel.mappings[0].properties
    assert isinstance(mapped, dict)
    assert {key: path.text_sql() for key, path in mapped.items()} == {
        "Segment Message ID": "message_id", "kind": "'app'",
    }  # fmt: skip
    assert settings.destinations.mutiny.consent_categories == ("Advertising",)


def test_sources_are_known_by_key_or_id(sample: Settings) -> None:
    assert sample.source_key("wK3sQ") == "web"
    assert sample.source_key("web") == "web"
    assert sample.source_key("elsewhere") == "elsewhere"
    assert sample.source_id("web") == "wK3sQ"
    assert sample.source_id("product") == "product"


def test_a_source_without_destinations_is_connected_to_all(sample: Settings) -> None:
    assert sample.sources_connected("abmatic") == ("web", "flags")
    assert sample.is_connected("wK3sQ", "abmatic")
    assert not sample.is_connected("engage", "split")
    assert sample.is_connected("elsewhere", "split")


def test_the_first_conversion_is_main_unless_one_is_marked(tmp_path: Path) -> None:
    text = (
        "landing: x\nconversions:\n"
        "  - {name: a, trigger: 'event = \"A\"'}\n"
        "  - {name: b, trigger: 'event = \"B\"'%s}\n"
    )
    unmarked, marked = load(tmp_path, text % ""), load(tmp_path, text % ", main: true")
    assert unmarked.main_conversion is unmarked.conversions[0]
    assert marked.main_conversion is marked.conversions[1]


def test_secrets_are_read_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFT_HASH_KEY", "correct horse")
    monkeypatch.setenv("PG_URL", "postgresql://u:battery@h/d")
    text = "landing: x\nprivacy: {hash: [traits.email]}\nexports: {postgres_env: PG_URL}\n"
    settings = load(tmp_path, text)
    assert settings.hash_key is not None
    assert settings.hash_key.get_secret_value() == "correct horse"
    assert settings.postgres_url is not None
    shown = f"{settings!r}{settings}{json.dumps(settings.canonical())}{settings.hash_key!r}"
    assert "horse" not in shown
    assert "battery" not in shown


def test_postgres_url_that_is_not_set_is_an_error_when_it_is_used(tmp_path: Path) -> None:
    settings = load(tmp_path, "landing: x\nexports: {postgres_env: LIFT_NO_SUCH_VARIABLE}\n")
    with pytest.raises(SettingsError, match="LIFT_NO_SUCH_VARIABLE, which is not set"):
        _ = settings.postgres_url


def test_settings_do_not_change(sample: Settings) -> None:
    with pytest.raises(ValidationError):
        sample.version = 2  # type: ignore[assignment]


def test_config_hash_sees_content_only(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    base = load(one, "landing: x\nquality: {stale_after: 24h, future_skew: 5m}\n").config_hash()
    same = "# a comment\nquality: {future_skew: 5m, stale_after: 1d}\nlanding: x\n"
    assert load(two, same).config_hash() == base
    assert load(two, "landing: x\nquality: {stale_after: 25h}\n").config_hash() != base
    assert load(two, "landing: y\n").config_hash() != base
    assert len(base) == 64


def test_dbt_vars_are_json(sample: Settings) -> None:
    compiled = dbt_vars(sample)
    assert json.loads(json.dumps(compiled)) == compiled


def test_dbt_vars_hold_what_the_models_read(sample: Settings) -> None:
    compiled = dbt_vars(sample)
    assert compiled["future_skew_seconds"] == 300
    assert compiled["triggers"][0]["number"] == 0
    assert "value_units" not in compiled["triggers"][0]["reads"]
    assert compiled["triggers"][-1]["reads"]["experience"] == "coalesce(nullif('pricing', ''))"
    assert compiled["statistics"]["cuped_lookback_seconds"] == 14 * 86_400
    assert compiled["statistics"]["prior_stddev"] == 0.3
    assert compiled["breakdowns"][2] == {
        "text": "segment:small_company", "column": "segment_small_company", "path_sql": None,
        "trait": None, "segment": "small_company",
    }  # fmt: skip
    assert compiled["quality"] == {"stale_after_seconds": 86_400}


def test_every_compiled_expression_runs(sample: Settings) -> None:
    columns = "type event_name name user_id anonymous_id group_id message_id channel"
    objects = "properties traits context integrations"
    relation = ", ".join(
        [f"'x' as {column}" for column in columns.split()]
        + [f"'{{}}' as {column}" for column in objects.split()]
        + ["'0' as value", "0 as total", "0 as state"]  # what predicates and rules speak of
    )

    def expressions(value: object, key: str = "") -> list[str]:
        if isinstance(value, dict):
            are_sql = key in ("reads", "value_conditions")
            return [
                sql for name, inner in value.items()
                for sql in expressions(inner, "sql" if are_sql else name)
            ]  # fmt: skip
        if isinstance(value, list):
            return [sql for inner in value for sql in expressions(inner, key)]
        return [value] if key.endswith("sql") and isinstance(value, str) else []

    found = expressions(dbt_vars(sample))
    assert len(found) > 15
    with duckdb.connect() as connection:
        for sql in found:
            connection.execute(f"select {sql} from (select {relation})")


def test_importing_is_light() -> None:
    heavy = "duckdb pandas polars pyarrow numpy dbt"
    code = f"import sys, jobs.config; print([m for m in {heavy.split()!r} if m in sys.modules])"
    root = Path(__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_several_entries_of_a_vendor_differ_by_what_they_match(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
landing: x
exposures:
  - {adapter: split, sources: [flags], unit: user_id}
  - {adapter: split, sources: [flags], unit: anonymous_id}
  - {adapter: split, unit: user_id}
  - {adapter: custom, vendor: split, trigger: 'type = "page"', experience: =e, variant: =v}
  - {adapter: mutiny, sources: [web]}
  - {adapter: mutiny}
""",
    )
    assert [entry_vendor(entry) for entry in settings.exposures] == [
        "split", "split", "split", "split", "mutiny", "mutiny",
    ]  # fmt: skip
