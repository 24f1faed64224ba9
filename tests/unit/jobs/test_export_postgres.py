"""Schema `lift` of PostgreSQL: what it holds, who reads it meanwhile, and what an error says."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from jobs.config import load_settings
from jobs.export import postgres as exporting
from jobs.export.run import ExportError, export_marts
from jobs.export.tables import Column, exported_tables
from jobs.publish.run import publish
from jobs.sql_files import read_sql
from tests.postgres_server import PASSWORD, URL_PASSWORD, postgres_server
from tests.unit.jobs.made_warehouse import Made

VARIABLE = "LIFT_TEST_POSTGRES"
ODD = 'a\n\\.\nb,"c"\tN\'ull \\N ünïcødé 🎈'


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with postgres_server() as address:
        yield address


@pytest.fixture
def url(address: str) -> str:
    """The URL of an empty database."""
    admin = f"postgresql://owner:{URL_PASSWORD}@{address}/postgres"
    with psycopg.connect(admin, autocommit=True) as server:
        server.execute("drop database if exists lift with (force)")
        server.execute("create database lift")
    return f"postgresql://owner:{URL_PASSWORD}@{address}/lift"


@pytest.fixture
def made(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setenv(VARIABLE, url)
    made = Made(tmp_path, exports={"formats": [], "postgres_env": VARIABLE})
    made.add("dim_persons", {"person_id": "p", "email": "p@example.org"})
    publish(made.settings)
    return made


def query(url: str, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as server:
        return server.execute(sql.encode()).fetchall()


def change(url: str, sql: str) -> None:
    with psycopg.connect(url) as server:
        server.execute(sql.encode())


def export_again(made: Made) -> None:
    publish(made.settings)
    export_marts(made.settings)


def values_read(column: Column) -> str:
    return f'to_json("{column.name}")::varchar' if column.is_list else f'"{column.name}"'


def test_postgres_holds_every_exported_table_as_published(
    published_sample: Path, url: str, tmp_path: Path
) -> None:
    settings = load_settings(published_sample / "lift.yml")
    with (
        duckdb.connect(str(settings.publish / "lift.duckdb"), read_only=True) as con,
        psycopg.connect(url) as server,
    ):
        tables = exported_tables(con)
        server.execute("create role lift_reader")
        server.commit()
        exporting.export_to_postgres(con, tables, url, VARIABLE)
        assert len(tables) > 50
        for table in tables:
            selected = ", ".join(map(values_read, table.columns))
            published = con.execute(f"select {selected} from {table.name}").fetchall()
            texts = ", ".join(
                f'"{column.name}"::text' if column.kind == "JSON" or column.is_list
                else f'"{column.name}"'
                for column in table.columns
            )  # fmt: skip
            exported = server.execute(f"select {texts} from lift.{table.name}".encode()).fetchall()
            assert exported == published, table.name
        server.execute("set role lift_reader")
        assert server.execute("select count(*) from lift.fct_unit_outcomes").fetchone() != (0,)
        server.rollback()
        described = {
            (table, column): (kind, comment)
            for table, column, kind, comment in server.execute(
                "select table_name, column_name, data_type,"
                " col_description(format('lift.%I', table_name)::regclass, ordinal_position)"
                " from information_schema.columns where table_schema = 'lift'"
            )
        }
        keys = {
            name: tuple(key)
            for name, _, key, *_ in server.execute(
                read_sql(exporting.__file__, "postgres_tables").encode()
            )
        }
        for table in tables:
            assert keys[table.name] == table.key, table.name
            for column in table.columns:
                assert described[table.name, column.name][1] == column.comment
        assert described["fct_conversions", "converted_at"][0] == "timestamp without time zone"
        assert described["fct_conversions", "value"][0] == "numeric"
        assert described["dim_experiences", "period"][0] == "date"
        assert described["fct_experience_lift", "lift"][0] == "double precision"
        assert described["dim_accounts", "traits"][0] == "json"
        ((comment,),) = server.execute("select obj_description('lift.dim_persons'::regclass)")
        assert comment == next(t.comment for t in tables if t.name == "dim_persons")
        server.execute("drop owned by lift_reader")
        server.execute("drop role lift_reader")
        server.commit()


def test_postgres_keeps_every_text_but_the_character_it_cannot_hold(made: Made, url: str) -> None:
    odd = [("odd", ODD), ("empty", ""), ("missing", None), ("zero", "a\0b"), ("formula", "=1+1")]
    # An index of PostgreSQL does not hold it: its table has no primary key.
    odd.append(("".join(f"{number:x}" for number in range(20_000)), "long"))
    made.add("dim_persons", *({"person_id": name, "email": text} for name, text in odd))
    made.add("rpt_conversion_catalog", {"event_name": "Signed Up", "sources": ["a,b", 'c "d"']})
    export_again(made)
    found = dict(query(url, "select person_id, email from lift.dim_persons"))
    assert found == {"p": "p@example.org", **dict(odd), "zero": "a\ufffdb"}
    ((sources,),) = query(url, "select sources from lift.rpt_conversion_catalog")
    assert sources == ["a,b", 'c "d"']


def test_postgres_replaces_rows_and_drops_only_its_own_tables(made: Made, url: str) -> None:
    export_marts(made.settings)
    change(
        url,
        "create table lift.notes as select 1 as a; create schema analyst;"
        " create view analyst.persons as select * from lift.dim_persons",
    )
    made.add("dim_persons", {"person_id": "q"})
    made.do("drop table publication.main.dq_findings")
    export_again(made)
    assert query(url, "select person_id from analyst.persons order by 1") == [("p",), ("q",)]
    names = {name for (name,) in query(
        url, "select table_name from information_schema.tables where table_schema = 'lift'"
    )}  # fmt: skip
    assert {"notes", "dim_persons", "written_by_lift"} <= names
    assert "dq_findings" not in names


def test_postgres_readers_see_the_old_rows_until_all_are_new(
    made: Made, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_marts(made.settings)
    made.add("dim_persons", {"person_id": "q"})
    publish(made.settings)
    seen = []
    copy = exporting._copy
    counts = "select (select count(*) from lift.dim_persons), (select count(*) from lift.runs)"

    def look_and_copy(con: Any, server: Any, table: Any) -> None:
        copy(con, server, table)
        seen.append(query(url, counts)[0])

    with psycopg.connect(url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert reader.execute(counts).fetchone() == (1, 0)
        monkeypatch.setattr(exporting, "_copy", look_and_copy)
        export_marts(made.settings)
        assert reader.execute(counts).fetchone() == (1, 0)
    assert set(seen) == {(1, 0)}
    assert query(url, counts) == [(2, 0)]


def test_postgres_names_the_view_that_reads_a_table_whose_columns_changed(
    made: Made, url: str
) -> None:
    export_marts(made.settings)
    change(url, "create view public.mine as select email from lift.dim_persons")
    made.do("alter table publication.main.dim_persons add column fresh bigint")
    publish(made.settings)
    with pytest.raises(ExportError) as raised:
        export_marts(made.settings)
    assert str(raised.value) == (
        "PostgreSQL: schema lift is as it was (view mine depends on table lift.dim_persons);"
        " the table goes, or has other columns now: keep the definition of what reads it, drop"
        " that, then run `lift export`."
    )
    change(url, "drop view public.mine")
    export_marts(made.settings)
    assert query(url, "select person_id, fresh from lift.dim_persons") == [("p", None)]


def test_postgres_refuses_to_replace_a_table_of_somebody_else(made: Made, url: str) -> None:
    change(url, "create schema lift; create table lift.runs as select 7 as mine")
    with pytest.raises(ExportError, match=r"lift\.runs would be replaced, but this job did not"):
        export_marts(made.settings)
    assert query(url, "select mine from lift.runs") == [(7,)]


def test_postgres_error_is_one_sentence_without_the_url(
    made: Made, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(url, "create role poor login password 'p00r'")
    cases = {
        url.replace(URL_PASSWORD, "wr0ngpass"): "password authentication failed",
        url.replace("127.0.0.1:", "127.0.0.1:1"): f"check the server and the URL in {VARIABLE}",
        f"{url}-elsewhere": 'database "lift-elsewhere" does not exist',
        f"postgres//{URL_PASSWORD}": f"{VARIABLE} does not hold a connection URL",
        f"{url}?options=-cdefault_transaction_read_only%3Don": "read-only transaction",
        url.replace(f"owner:{URL_PASSWORD}", "poor:p00r"): (
            "(permission denied for database lift);"
            f" let the role of {VARIABLE} create schemas in the database"
        ),
    }
    for address, words in cases.items():
        monkeypatch.setenv(VARIABLE, address)
        made.configure(exports={"formats": ["parquet"], "postgres_env": VARIABLE})
        with pytest.raises(ExportError) as raised:
            export_marts(made.settings)
        sentence = str(raised.value)
        assert words in sentence
        assert sentence.startswith("PostgreSQL: ")
        assert sentence.endswith(".")
        assert "\n" not in sentence
        secrets = (address, PASSWORD, URL_PASSWORD, "wr0ngpass", "p00r", "//owner")
        assert not any(secret in sentence for secret in secrets)
    assert (made.settings.publish / "exports" / "datapackage.json").exists()
    change(url, "drop role poor")


def test_csv_files_load_into_postgres_and_sqlite_as_described(
    published_sample: Path, url: str
) -> None:
    exports = load_settings(published_sample / "lift.yml").publish / "exports"
    resources = json.loads((exports / "datapackage.json").read_text())["resources"]
    postgres = {
        "string": "text", "integer": "bigint", "number": "numeric", "boolean": "boolean",
        "date": "date", "datetime": "timestamp", "any": "json", "array": "json",
    }  # fmt: skip
    described = [resource for resource in resources if resource["format"] == "csv"]
    assert len(described) > 50
    with psycopg.connect(url) as server, closing(sqlite3.connect(":memory:")) as lite:
        for resource in described:
            fields = resource["schema"]["fields"]
            table = resource["path"].removesuffix(".csv")
            columns = ", ".join(
                f'"{field["name"]}" {postgres[field["type"]]}'
                f"{' not null' if field['constraints']['required'] else ''}"
                for field in fields
            )
            key = resource["schema"].get("primaryKey")
            primary = f", primary key ({', '.join(key)})" if key else ""
            server.execute(f"create table {table} ({columns}{primary})".encode())
            with server.cursor().copy(
                f"copy {table} from stdin (format csv, header true)".encode()
            ) as copy:
                copy.write((exports / resource["path"]).read_bytes())
            assert server.execute(f"select count(*) from {table}".encode()).fetchone() == (
                resource["rows"],
            )
            load_into_sqlite(lite, exports / resource["path"], table, fields)
            assert lite.execute(f"select count(*) from {table}").fetchone() == (resource["rows"],)


def load_into_sqlite(
    lite: sqlite3.Connection, path: Path, table: str, fields: list[dict[str, Any]]
) -> None:
    """Load a file into a strict table: SQLite refuses what is not of the type."""
    kinds = {"integer": "integer", "number": "real", "boolean": "text"}
    columns = ", ".join(f'"{field["name"]}" {kinds.get(field["type"], "text")}' for field in fields)
    lite.execute(f"create table {table} ({columns}) strict")
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.reader(lines)
        next(reader)
        rows = [[value or None for value in row] for row in reader]
    lite.executemany(f"insert into {table} values ({', '.join('?' * len(fields))})", rows)
