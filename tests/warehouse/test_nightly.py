"""The night as an operator meets it: a real command, its exit codes, and what readers see."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml

from jobs.build.run import build_selected
from jobs.config import load_settings
from jobs.files import OwnFiles
from tests.here import Here
from tests.warehouse.explained import published_grains, unlike_their_figures

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample"


def lift(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `lift` as a child process and make sure that nobody ever sees a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "jobs.cli", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def publication(folder: Path) -> Path:
    return folder / "var" / "published" / "lift.duckdb"


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql).fetchall()


def tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every published table but `runs`, as sorted rows."""
    names = [name for (name,) in rows(path, "select table_name from duckdb_tables() order by 1")]
    return {name: rows(path, f"from {name} order by all") for name in names if name != "runs"}


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the sample company's first night has run."""
    folder = tmp_path_factory.mktemp("night")
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("var"))
    done = lift("nightly", folder=folder)
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stdout)
    return folder


def copy_night(night: Path, folder: Path) -> None:
    """A night of one's own, to spoil."""
    for name in ("landing", "var"):
        shutil.copytree(night / name, folder / name)
    shutil.copy(night / "lift.yml", folder)


def test_nightly_says_verdicts_news_and_where_the_files_are(night: Path) -> None:
    said = (night / "said.txt").read_text()
    for words in (
        "Did the personalized experience convert better? (conversion: signup)",
        "Small company",
        "Personalized wins",
        "No verdict yet",
        "17,102 rows from 20 new or changed files, 6 rejected",
        "What needs attention",
        "var/published/lift.duckdb",
        "var/published/exports",
        "var/published/report/index.html",
    ):
        assert words in said


def test_readme_shows_what_a_night_says(night: Path) -> None:
    said = (night / "said.txt").read_text()
    assert said == "".join(f"{line.rstrip()}\n" for line in said.splitlines())
    readme = (ROOT / "README.md").read_text()
    block = readme.partition("## What a night says")[2].split("```\n")[1]
    assert block.strip() == said.strip()


def test_nightly_publishes_tables_that_state_their_keys(night: Path) -> None:
    path = publication(night)
    keys: dict[str, list[str]] = dict(
        rows(
            path,
            "select table_name, constraint_column_names from duckdb_constraints()"
            " where constraint_type = 'PRIMARY KEY'",
        )
    )
    tables = {name for (name,) in rows(path, "select table_name from duckdb_tables()")}
    indexed = {name for name in tables if name.startswith(("dim_", "bridge_", "rpt_"))}
    assert {*keys} == (indexed - {"rpt_rejects"}) | {"fct_experience_lift", "help"}
    comments = "select table_name, comment from duckdb_tables() where table_name <> 'help'"
    for table, comment in rows(path, comments):
        key = re.fullmatch(r"One row per .* Key: ([\w, ]+)\.", str(comment))
        assert key, comment
        found = rows(path, f"select count(*), count(distinct ({key[1]})) from {table}")[0]
        assert found[0] == found[1], table
        stored = rows(path, f"select {key[1]} from {table}")
        assert stored == rows(path, f"select {key[1]} from {table} order by all"), table


def test_nightly_publishes_json_as_json_and_no_hugeint(night: Path) -> None:
    path = publication(night)
    types = rows(
        path, "select table_name, column_name, data_type from duckdb_columns() where not internal"
    )
    assert not [column for column in types if "HUGEINT" in str(column[2])]
    assert {(table, name) for table, name, kind in types if kind == "JSON"} == {
        *(("fct_events", name) for name in ("properties", "traits", "context", "integrations")),
        ("dim_accounts", "traits"), ("fct_trait_changes", "value"), ("dim_person_traits", "value"),
        ("rpt_trait_catalog", "top_values"), ("rpt_trait_tokens", "top_values"),
        ("abmatic_events", "properties"), ("split_events", "properties"),
        ("mixpanel_events", "properties"), ("mixpanel_profiles", "value"),
        ("mixpanel_groups", "value"),
    }  # fmt: skip


def test_nightly_publishes_what_the_oldest_duckdb_can_read(night: Path) -> None:
    """A client of its own folder beside the virtual environment, put there by the Makefile."""
    client = Path(sys.prefix) / "duckdb-1.4"
    assert client.is_dir(), "run `make test`, which installs the oldest DuckDB that can read"
    counted = rows(publication(night), "select table_name from duckdb_tables()")
    counted += rows(publication(night), "select view_name from duckdb_views() where not internal")
    queries = [
        *(f"select count(*) from {name}" for (name,) in counted),
        "select count(*) from lift_by()",
        "select count(*) from lift_by(context_campaign_source, condition := segment_small_company)",
        "select count(*) from person_at('user_id', 'u', timestamp '2026-06-30')",
        "select as_of() is not null, run_id() is not null, round(normal_quantile(0.975), 4)",
        "select properties ->> '$.experience' from fct_events"
        " where event_name = 'Mutiny Experience Viewed' order by all limit 1",
    ]
    script = (
        "import duckdb, json, sys; con = duckdb.connect(sys.argv[1], read_only=True);"
        "print(json.dumps([duckdb.__version__,"
        " [con.execute(sql).fetchall() for sql in json.loads(sys.argv[2])]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(publication(night)), json.dumps(queries)],
        env={"PYTHONPATH": str(client)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    version, found = json.loads(done.stdout)
    assert version.startswith("1.4.")
    expected = [[list(row) for row in rows(publication(night), sql)] for sql in queries]
    assert found == expected


def test_nightly_publishes_a_lookup_of_whose_an_identifier_was(night: Path) -> None:
    found = """
        select count(*), count(*) filter (owners.person_id is distinct from found.person_id)
        from dim_identifiers as owners,
            lateral person_at(
                owners.id_type, owners.id_value,
                coalesce(owners.owned_from, owners.owned_to - interval 1 day, '2026-01-01')
            ) as found
    """
    owners = rows(publication(night), "select count(*) from dim_identifiers")[0][0]
    assert rows(publication(night), found) == [(owners, 0)]


def test_nightly_publishes_every_table_and_column_with_its_comment(night: Path) -> None:
    path = publication(night)
    silent = rows(
        path,
        "select table_name from duckdb_tables() where comment is null and not internal"
        " union all select view_name from duckdb_views() where comment is null and not internal",
    )
    assert silent == []
    silent = rows(
        path,
        "select table_name, column_name from duckdb_columns()"
        " where comment is null and not internal",
    )
    assert silent == []
    assert rows(path, "select distinct schema_name from duckdb_tables()") == [("main",)]


def test_nightly_exports_every_table_but_the_largest(night: Path) -> None:
    exports = night / "var" / "published" / "exports"
    left_out = {"fct_events", "rpt_delivery", "rpt_rejects"}
    published = {
        name for (name,) in rows(publication(night), "select table_name from duckdb_tables()")
    }
    assert {path.name for path in exports.iterdir()} - {OwnFiles.LIST} == {
        "datapackage.json",
        *(f"{name}.{kind}" for name in published - left_out for kind in ("parquet", "csv")),
    }
    described = json.loads((exports / "datapackage.json").read_text())
    assert [(described["run_id"],)] == rows(publication(night), "select run_id from runs")
    assert pl.read_parquet(exports / "fct_experience_lift.parquet").height == rows(
        publication(night), "select count(*) from fct_experience_lift"
    )[0][0]  # fmt: skip


def test_nightly_publishes_views_over_the_messages_that_it_publishes(night: Path) -> None:
    path = publication(night)
    assert rows(path, "select view_name from duckdb_views() where not internal order by 1") == [
        ("rpt_delivery",),
        ("rpt_journey",),
    ]
    pages = "from fct_events where type in ('page', 'screen') and is_behaviour and person_id <> ''"
    counted = f"""
        select 'conversion' as kind, count(*) from fct_conversions
        union all select 'exposure', count(*) from fct_exposures
        union all select 'page', count(*) {pages}
        union all select 'trait', count(*) from fct_trait_changes
    """
    assert rows(path, "select kind, count(*) from rpt_journey group by kind order by kind") == rows(
        path, counted
    )
    longest = "select max(seq) - count(*), min(seq) from rpt_journey group by person_id"
    assert set(rows(path, longest)) == {(0, 1)}


def test_publish_has_the_views_wherever_it_has_events(night: Path, here: Here) -> None:
    settings = yaml.safe_load((night / "lift.yml").read_text())
    views = {}
    for events in ("parquet", "none"):
        changed = settings | {"publish": f"var/{events}", "publication": {"events": events}}
        (night / f"{events}.yml").write_text(yaml.safe_dump(changed))
        done = here("publish", "--config", f"{events}.yml", folder=night)
        assert done.returncode == 0, done.stderr
        found = rows(
            night / "var" / events / "lift.duckdb",
            "select view_name from duckdb_views() where not internal order by 1",
        )
        views[events] = [name for (name,) in found]
    assert views == {"parquet": ["fct_events", "rpt_delivery", "rpt_journey"], "none": []}
    count = "select count(*) from rpt_journey"
    assert rows(night / "var" / "parquet" / "lift.duckdb", count) == rows(publication(night), count)


def test_x19_x26_explain_message_says_where_it_landed_and_what_became_of_it(
    night: Path, here: Here
) -> None:
    view = "from fct_events where event_name = 'Mutiny Experience Viewed' and person_id <> ''"
    [(message_id, file, row, person, delivery)] = rows(
        publication(night),
        f"select message_id, file, row_number, person_id, mutiny_delivery {view} limit 1",
    )
    said = here("explain", "message", message_id, folder=night).stdout.splitlines()
    assert said[:3] == [
        message_id,
        f"  landed       {file}, row {row:,}, source web",
        "  call         track Mutiny Experience Viewed",
    ]
    assert f"  person       {person}" in said
    assert said[-1] == f"  mutiny       {delivery}"
    records = here("explain", "message", message_id, "--log-format", "json", folder=night).stdout
    kinds = [json.loads(line)["kind"] for line in records.splitlines()]
    assert (kinds[0], kinds[-1]) == ("message", "delivery")
    unknown = here("explain", "message", "nope", folder=night)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "No message has the id nope" in unknown.stderr


def test_explain_message_says_what_became_of_a_conversion_in_each_experience(
    night: Path, here: Here
) -> None:
    outcomes = "from fct_conversion_outcomes where vendor = 'mutiny'"
    [(message_id, experience, segment, variant, arm)] = rows(
        publication(night),
        "select message_id, experience, audience_segment, variant, arm"
        f" {outcomes} and outcome = 'counted' and audience_segment <> '(all)' order by all limit 1",
    )
    said = here("explain", "message", message_id, folder=night).stdout.splitlines()
    assert f"    {experience} / {segment}: counted for {variant} ({arm})" in said
    assert "    other experiences: not counted: the person did not see them" in said
    records = here("explain", "message", message_id, "--log-format", "json", folder=night).stdout
    told = [one for line in records.splitlines() if (one := json.loads(line)).get("outcome")]
    named = [one for one in told if one["kind"] == "conversion_outcome"]
    count = f"select count(*) from fct_conversion_outcomes where message_id = '{message_id}'"
    assert [(len(named),)] == rows(publication(night), count)
    reasons = dict(
        rows(publication(night), f"select outcome, min(message_id) {outcomes} group by all")
    )
    assert reasons.keys() >= {"counted", "never_exposed", "outside_window"}
    for outcome, words in (
        ("outside_window", "not counted: it happened after the window"),
        ("before_exposure", "not counted: it happened before the person's first view"),
        ("consent", "not counted: mutiny did not receive it (consent)"),
    ):
        if outcome in reasons:
            said = here("explain", "message", reasons[outcome], folder=night).stdout.splitlines()
            assert any(line.endswith(words) for line in said), outcome


def test_nightly_gives_every_conversion_without_credit_a_reason(night: Path) -> None:
    path = publication(night)
    left = "select vendor, conversion, deduped - attributed from rpt_vendor_reconciliation"
    reasons = "select vendor, conversion, count(*) from rpt_unattributed_conversions group by all"
    assert sorted(rows(path, left)) == sorted(rows(path, reasons))


def test_nightly_records_its_run(night: Path) -> None:
    assert rows(
        publication(night),
        "select outcome, files_staged, rows_landed, rows_rejected, finished_at >= started_at"
        ", ingest_seconds > 0, build_seconds > ingest_seconds, peak_memory > 50_000_000 from runs",
    )[0] == ("published", 20, 17_102, 6, True, True, True, True)
    with duckdb.connect(str(night / "var" / "warehouse.duckdb"), read_only=True) as con:
        [(publish, export)] = con.execute(
            "select publish_seconds, export_seconds from raw.runs"
        ).fetchall()
    assert publish > 0 < export  # known to the next publication


def test_nightly_twice_publishes_the_same_and_does_not_disturb_a_reader(night: Path) -> None:
    before = tables(publication(night))
    reader = duckdb.connect(str(publication(night)), read_only=True)
    try:
        done = lift("nightly", "--full-refresh", folder=night)
        assert done.returncode == 0, done.stderr
        assert "nothing new in the landing zone" in done.stdout
        assert reader.execute("select count(*) from fct_events").fetchall() == [
            (len(before["fct_events"]),)
        ]
    finally:
        reader.close()
    assert tables(publication(night)) == before


def test_nightly_while_another_run_holds_the_lock_exits_3(night: Path, here: Here) -> None:
    before = publication(night).stat()
    with (night / "var" / "warehouse.lock").open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        done = here("nightly", folder=night)
    assert done.returncode == 3
    assert "Another run" in done.stderr
    assert publication(night).stat() == before


def test_nightly_that_fails_a_check_leaves_the_publication_as_it_was(
    night: Path, tmp_path: Path, here: Here
) -> None:
    copy_night(night, tmp_path)
    before = publication(tmp_path).read_bytes()
    warehouse = tmp_path / "var" / "warehouse.duckdb"
    path = "(select min(path) from raw.files)"
    with duckdb.connect(str(warehouse)) as con:
        con.execute(f"update raw.files set landed = landed + 1 where path = {path}")
    done = here("nightly", folder=tmp_path)
    assert done.returncode == 1
    assert "The check reconciliation_adds_up failed" in done.stderr
    refused = here("publish", folder=tmp_path)
    assert refused.returncode == 1
    assert "passed their checks" in refused.stderr
    assert publication(tmp_path).read_bytes() == before
    with duckdb.connect(str(warehouse)) as con:
        outcome = con.execute("select outcome from raw.runs order by started_at desc limit 1")
        assert outcome.fetchall() == [("failed",)]


def test_dbt_test_names_the_marts_with_duplicated_keys(night: Path, tmp_path: Path) -> None:
    copy_night(night, tmp_path)
    with duckdb.connect(str(tmp_path / "var" / "warehouse.marts.duckdb")) as con:
        for schema, mart in con.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_name in ('dim_persons', 'fct_exposures')"
        ).fetchall():
            con.execute(f"insert into {schema}.{mart} from {schema}.{mart} limit 2")
    done = lift("dbt", "test", "--select", "marts_have_unique_keys", folder=tmp_path)
    assert done.returncode == 1
    assert "duplicated keys: 2 in dim_persons, 2 in fct_exposures" in done.stdout


def test_publish_rollback_puts_the_previous_publication_back(night: Path, here: Here) -> None:
    assert here("publish", folder=night).returncode == 0
    assert here("publish", folder=night).returncode == 0
    newest = publication(night).stat().st_ino
    assert here("publish", "--rollback", folder=night).returncode == 0
    assert publication(night).stat().st_ino != newest
    assert rows(publication(night), "select count(*) > 0 from fct_experience_lift") == [(True,)]


def test_a28_nightly_refuses_to_publish_a_file_that_is_mostly_rejected(
    night: Path, tmp_path: Path, here: Here
) -> None:
    copy_night(night, tmp_path)
    before = publication(tmp_path).read_bytes()
    bad = tmp_path / "landing" / "web" / "bad.parquet"
    pl.DataFrame(
        {"messageId": ["x"], "type": ["view"], "receivedAt": ["2026-06-30"]}
    ).write_parquet(bad)
    for command in ("nightly", "publish", "nightly"):
        done = here(command, folder=tmp_path)
        # What was built before has no row of the file; publishing it once more clears nothing.
        assert done.returncode == (0 if command == "publish" else 1)
        if command == "nightly":
            assert "web/bad.parquet: 1 of 1 rows were rejected" in done.stderr
            assert publication(tmp_path).read_bytes() == before
        before = publication(tmp_path).read_bytes()
    assert here("build", folder=tmp_path).returncode == 0
    for arguments in (("publish",), ("erase", "--user-id", "nobody"), ("publish",)):
        done = here(*arguments, folder=tmp_path)
        assert done.returncode == 1
        assert "web/bad.parquet: 1 of 1 rows were rejected" in done.stderr
        assert publication(tmp_path).read_bytes() == before
    assert here("ingest", "--accept", "web/nowhere.parquet", folder=tmp_path).returncode == 1
    assert here("ingest", "--accept", "web/bad.parquet", folder=tmp_path).returncode == 0
    done = here("nightly", "--log-format", "json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert {line["level"] for line in lines} == {"info"}
    steps = [line for line in lines if "step" in line]
    assert [line["step"] for line in steps] == ["ingest", "build", "publish", "export", "report"]
    [ended] = [line for line in lines if "outcome" in line]
    assert ended["outcome"] == "published"
    assert ended["seconds"] == pytest.approx(sum(line["seconds"] for line in steps), abs=0.01)
    path = publication(tmp_path)
    counted = "select severity, count(*) from dq_findings group by all"
    assert ended["findings"] == dict(rows(path, counted))
    assert sum(ended["verdicts"].values()) == 6
    assert {ended["run_id"]} == {line["run_id"] for line in steps}
    assert (ended["run_id"],) in rows(path, "select run_id from runs")
    assert rows(
        publication(tmp_path), "select reason from rpt_rejects where file = 'web/bad.parquet'"
    ) == [("unknown_type",)]


def test_nightly_with_only_a_landing_zone_names_the_likeliest_conversions(
    tmp_path: Path, here: Here
) -> None:
    config = tmp_path / "lift.yml"
    config.write_text("landing: landing\n")
    shutil.copytree(SAMPLE / "landing", tmp_path / "landing")
    (tmp_path / "landing" / "web" / "torn.parquet").write_bytes(b"PAR1 no more")
    (tmp_path / "landing" / "notes.txt").write_text("not an export")
    done = here("nightly", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Not read: web/torn.parquet: not a readable Parquet file" in done.stdout
    assert "Skipped, because they fit no layout: notes.txt" in done.stdout
    examined = here("doctor", folder=tmp_path)
    assert examined.returncode == 1
    assert examined.stdout.splitlines()[0].split() == ["error", "unreadable_file"]
    assert "Export the file again" in examined.stdout
    suggested = re.findall(r"^  - \{name.*$", done.stdout, flags=re.MULTILINE)
    assert len(suggested) == 5
    assert 'event = "Signed Up"' in done.stdout
    config.write_text(config.read_text() + "conversions:\n" + "\n".join(suggested) + "\n")
    conversions = load_settings(config).conversions
    assert [conversion.main for conversion in conversions] == [True, False, False, False, False]
    assert yaml.safe_load(config.read_text())["conversions"][0]["name"]


def test_command_with_a_broken_configuration_exits_2_and_writes_nothing(
    tmp_path: Path, here: Here
) -> None:
    (tmp_path / "lift.yml").write_text(
        "landing: landing\nsorces: {}\nconversions:\n"
        "  - {name: signup, trigger: 'event = ', window: 7 days}\n"
        "statistics: {alpha: 2}\n"
    )
    done = here("nightly", folder=tmp_path)
    assert done.returncode == 2
    places = [line.split(" ")[0] for line in done.stderr.splitlines()]
    assert places == ["lift.yml:2:", "lift.yml:4:", "lift.yml:4:", "lift.yml:5:"]
    assert [path.name for path in tmp_path.iterdir()] == ["lift.yml"]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("landing: landing\nprivacy: {deny: [traits.ssn]}", "privacy.deny"),
    ],
)
def test_command_refuses_what_it_could_not_keep(
    setting: str, words: str, tmp_path: Path, here: Here
) -> None:
    (tmp_path / "lift.yml").write_text(f"{setting}\n")
    done = here("nightly", folder=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["lift.yml"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nightly"], 2, "lift.yml"),
        (["nightly", "--config", "other.yml"], 2, "other.yml"),
        (["nightly", "--never"], 2, "--never"),
        (["demo", ".", "--layout", "tape"], 2, "tape"),
        (["nightly", "--log-format", "xml"], 2, "xml"),
    ],
)
def test_command_usage_errors_exit_2(
    arguments: list[str], code: int, words: str, tmp_path: Path, here: Here
) -> None:
    done = here(*arguments, folder=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("landing", "words"),
    [
        ("nowhere", "does not exist; correct the path"),
        ("empty", "found no files; set it to the folder"),
    ],
)
def test_command_without_a_landing_zone_is_a_mistake_of_the_configuration(
    landing: str, words: str, tmp_path: Path, here: Here
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "lift.yml").write_text(f"landing: {landing}\n")
    done = here("nightly", folder=tmp_path)
    assert done.returncode == 2
    assert "lift.yml:1: landing " in done.stderr
    assert str(tmp_path / landing) in done.stderr
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not publication(tmp_path).exists()


def test_explanation_of_every_result_ends_in_its_figures(night: Path) -> None:
    grains = published_grains(publication(night))
    assert len(grains) == 6
    assert unlike_their_figures(load_settings(night / "lift.yml"), grains) == []


def test_doctor_shows_every_finding_and_is_content_without_errors(night: Path, here: Here) -> None:
    done = here("doctor", folder=night)
    assert done.returncode == 0
    checks, findings = rows(
        publication(night), "select count(distinct check_name), count(*) from dq_findings"
    )[0]
    chains, _, said = done.stdout.partition("\n\n")
    assert len(said.splitlines()) == 2 * int(str(checks)) + int(str(findings)) + 1
    [(offered,)] = rows(
        publication(night), "select sum(messages) from rpt_delivery_summary where source = 'web'"
    )
    assert f"mutiny from web: {offered:,} offered - " in chains
    assert "        8 x mutiny / Corporate Website: personalized came as text" in done.stdout
    assert "        7 x mutiny: missing_experience\n" in done.stdout
    assert "        Send true and false as booleans, without quotes.\n" in done.stdout
    assert "error" not in done.stdout.splitlines()[-1]


def test_doctor_gives_every_finding_as_json(night: Path, here: Here) -> None:
    done = here("doctor", "--log-format", "json", folder=night)
    assert done.returncode == 0
    columns = "severity, check_name, finding_count, subject, detail, remedy"
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert {record["kind"] for record in records} == {"delivery", "finding"}
    assert sorted(
        tuple(record.values())[1:] for record in records if record["kind"] == "finding"
    ) == sorted(rows(publication(night), f"select {columns} from dq_findings"))


def test_doctor_before_the_first_night_is_one_sentence(tmp_path: Path, here: Here) -> None:
    (tmp_path / "lift.yml").write_text("landing: landing\n")
    done = here("doctor", folder=tmp_path)
    assert done.returncode == 1
    assert "run `lift nightly` first" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *("nightly", "ingest", "build", "publish", "export", "report"),
        *("doctor", "explain", "erase", "demo", "dbt"),
    ],
)
def test_command_has_help_for_every_step(command: str, tmp_path: Path, here: Here) -> None:
    done = here(*([command, "--help"] if command != "dbt" else ["--help"]), folder=tmp_path)
    assert done.returncode == 0
    assert command in done.stdout


def test_every_rule_of_the_models_holds_in_its_unit_test(night: Path) -> None:
    done = build_selected(load_settings(night / "lift.yml"), ["test", "--select", "test_type:unit"])
    failed = [f"{node.name}: {node.message}" for node in done.nodes if node.status != "pass"]
    assert (done.success, done.error, failed) == (True, "", [])
    assert len(done.nodes) >= 62
