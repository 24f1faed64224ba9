"""Reading the CRM's files: types, emails, times, what is wrong with them, when they are read."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.layouts import crm
from ingest.layouts.crm import CrmRead, ingest_crm
from ingest.layouts.crm_files import CrmFile, CrmFilesError


class Crm:
    """Files of a CRM in a temporary folder and the warehouse they are read into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.con = duckdb.connect(config={"preserve_insertion_order": False, "threads": 2})

    def csv(self, text: str | bytes, name: str = "leads.csv", **asked: Any) -> CrmFile:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return _file(path, asked)

    def parquet(self, rows: dict[str, Any], name: str = "leads.parquet", **asked: Any) -> CrmFile:
        path = self.folder / name
        pl.DataFrame(rows, strict=False).write_parquet(path)
        return _file(path, asked)

    def read(self, *files: CrmFile) -> tuple[CrmRead, ...]:
        return ingest_crm(self.con, files)

    def rows(self, columns: str) -> list[Any]:
        found = self.con.execute(
            f"select {columns} from (from raw.crm_records order by object, row_number)"
        ).fetchall()
        return [row[0] for row in found] if found and len(found[0]) == 1 else found

    def fields(self) -> list[dict[str, Any]]:
        return [json.loads(fields) for fields in self.rows("fields")]


def _file(path: Path, asked: dict[str, Any]) -> CrmFile:
    asked = {"object": "lead", "key": "leads", "email_column": "Email"} | asked
    return CrmFile(path=path, **asked)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Crm]:
    found = Crm(tmp_path)
    yield found
    found.con.close()


def test_crm_a_csv_row_is_a_record_with_the_fields_asked_for(files: Crm) -> None:
    leads = files.csv(
        "Id,Email,Industry,Owner\n00Q1, Ada@X.com ,Finance,Bob\n", fields=("Industry",)
    )
    assert files.read(leads) == (CrmRead("lead", str(leads.path), 1, 0),)
    assert files.rows(
        "object, row_number, record_id, has_id, email, valid_from, is_dated, file"
    ) == [("lead", 1, "00Q1", True, "ada@x.com", None, False, "leads.csv")]
    assert files.fields() == [{"Industry": "Finance"}]


WRITTEN_AND_VALUES = [
    ("40", 40),
    ("-1.50", -1.5),
    ("1e3", 1000),
    ("0", 0),
    ("18446744073709551615", 18446744073709551615),
    ("true", True),
    ("false", False),
    # Text, as none of them is a literal of JSON.
    ("02139", "02139"),
    ("+40", "+40"),
    (".5", ".5"),
    ("40 ", "40 "),
    ('"1,200"', "1,200"),
    ("True", "True"),
    ("null", "null"),
    ("NaN", "NaN"),
    ("1e999", "1e999"),
    ("18446744073709551616", "18446744073709551616"),
    ("[1]", "[1]"),
    ('"say ""hi"""', 'say "hi"'),
]


def test_crm_a_csv_value_has_the_type_of_the_json_literal_it_is(files: Crm) -> None:
    lines = "".join(f"a@x.com,{written}\n" for written, _ in WRITTEN_AND_VALUES)
    files.read(files.csv(f"Email,Size\n{lines}", fields=("Size",)))
    for (written, value), fields in zip(WRITTEN_AND_VALUES, files.fields(), strict=True):
        found = fields["Size"]
        assert (found, type(found) is bool) == (value, type(value) is bool), written
        assert isinstance(found, str) == isinstance(value, str), written


def test_crm_an_empty_value_is_missing(files: Crm) -> None:
    files.read(files.csv('Email,Size,Note\na@x.com,,""\n', fields=("Size", "Note")))
    assert files.fields() == [{}]


def test_crm_quoted_newlines_a_byte_order_mark_and_windows_line_ends(files: Crm) -> None:
    text = '\ufeffEmail,"Note, long"\r\na@x.com,"two\r\nlines"\r\n\r\nb@x.com,one\r\n'
    files.read(files.csv(text, fields=("Note, long",)))
    assert files.rows("row_number, email") == [(1, "a@x.com"), (2, "b@x.com")]
    assert files.fields() == [{"Note, long": "two\r\nlines"}, {"Note, long": "one"}]


def test_crm_a_header_may_span_lines(files: Crm) -> None:
    files.read(files.csv('Email,"Size\nof it"\na@x.com,1\n', fields=("Size\nof it",)))
    assert files.fields() == [{"Size\nof it": 1}]


def test_crm_names_that_differ_by_case_are_two_columns(files: Crm) -> None:
    text = "email,Email,industry,Industry\nno@x.com,a@x.com,no,Finance\n"
    files.read(files.csv(text, fields=("Industry",)))
    columns = {
        "email": ["no@x.com"],
        "Email": ["a@x.com"],
        "industry": ["no"],
        "Industry": ["SaaS"],
    }
    contacts = files.parquet(columns, object="contact", key="contacts", fields=("Industry",))
    files.read(files.csv(text, fields=("Industry",)), contacts)
    assert files.rows("email") == ["a@x.com", "a@x.com"]
    assert files.fields() == [{"Industry": "SaaS"}, {"Industry": "Finance"}]


def test_crm_a_parquet_value_has_the_type_of_its_column(files: Crm) -> None:
    columns = {
        "Email": ["A@x.com"],
        "text": ["40"],
        "empty": [""],
        "integer": [40],
        "fraction": [1.5],
        "no_number": [float("nan")],
        "decimal": [Decimal("12.50")],
        "flag": [True],
        "nothing": [None],
        "day": [date(2026, 1, 5)],
        "time": [datetime(2026, 1, 5, 10, tzinfo=UTC)],
        "list": [["a", "b"]],
    }
    files.read(files.parquet(columns, fields=tuple(columns)[1:]))
    assert files.rows("email") == ["a@x.com"]
    assert files.fields() == [
        {
            "text": "40",
            "integer": 40,
            "fraction": 1.5,
            "decimal": 12.5,
            "flag": True,
            "day": "2026-01-05",
            "time": "2026-01-05T10:00:00.000Z",
            "list": ["a", "b"],
        }
    ]


def test_crm_no_fields_are_an_empty_object(files: Crm) -> None:
    files.read(files.csv("Email\na@x.com\n"))
    assert files.fields() == [{}]


def test_crm_without_an_id_equal_rows_have_one_id(files: Crm) -> None:
    text = "Email,Size\na@x.com,1\nA@x.com,1\na@x.com,2\n"
    files.read(files.csv(text, fields=("Size",)))
    ids = files.rows("record_id")
    assert (ids[0] == ids[1], ids[0] == ids[2], len(ids[0])) == (True, False, 32)
    assert files.rows("has_id") == [False] * 3


def test_crm_an_empty_id_is_none_and_a_number_is_its_text(files: Crm) -> None:
    files.read(files.parquet({"id": [7, None], "Email": ["a@x.com", "b@x.com"]}))
    assert files.rows("has_id") == [True, False]
    assert files.rows("record_id")[0] == "7"


def test_crm_rows_without_an_email_are_left_out_and_counted(files: Crm) -> None:
    leads = files.csv('Id,Email\n1,\n2," "\n3,a@x.com\n')
    assert files.read(leads) == (CrmRead("lead", str(leads.path), 3, 2),)
    assert files.rows("row_number, record_id") == [(3, "3")]
    assert files.con.execute("select landed, without_email from raw.crm_files").fetchall() == [
        (3, 2)
    ]


WRITTEN_AND_VALID_FROM = [
    ("2026-01-05T10:00:00.000Z", datetime(2026, 1, 5, 10)),
    ("2026-01-05T10:00:00.000+0000", datetime(2026, 1, 5, 10)),
    ("2026-01-05T10:00:00+02:00", datetime(2026, 1, 5, 8)),
    ("2026-01-05 10:00:00", datetime(2026, 1, 5, 10)),
    (" 2026-01-05 ", datetime(2026, 1, 5)),
    ("9999-12-31T23:59:59-12:00", datetime.max),
    ("0001-01-01T00:00:00+12:00", datetime.min),
    ("2026-02-30", None),
    ("1/5/2026", None),
    ("1767607200", None),
    ("soon", None),
]


def test_crm_a_row_holds_from_a_date_or_date_time(files: Crm) -> None:
    lines = "".join(f"a@x.com,{written}\n" for written, _ in WRITTEN_AND_VALID_FROM)
    files.read(files.csv(f"Email,Since\n{lines}", valid_from_column="Since"))
    assert files.rows("is_dated, valid_from, valid_from_text") == [
        (True, valid_from, written.strip()) for written, valid_from in WRITTEN_AND_VALID_FROM
    ]


def test_crm_a_row_holds_from_the_typed_time_of_a_parquet_column(files: Crm) -> None:
    times = [datetime(2026, 1, 5, 10, tzinfo=UTC), None]
    columns = {"Email": ["a@x.com", "b@x.com"], "Since": times}
    files.read(files.parquet(columns, valid_from_column="Since"))
    assert files.rows("valid_from") == [datetime(2026, 1, 5, 10), None]
    days = {"Email": ["a@x.com"], "Since": [date(2026, 1, 5)]}
    files.read(files.parquet(days, valid_from_column="Since"))
    assert files.rows("valid_from") == [datetime(2026, 1, 5)]


def test_crm_an_unchanged_file_is_not_read_again(
    files: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads = files.csv("Email\na@x.com\n")
    assert len(files.read(leads)) == 1
    monkeypatch.setattr(crm, "_stage", None)
    assert files.read(leads) == ()


def test_crm_a_changed_file_replaces_its_own_records_alone(files: Crm) -> None:
    contacts = files.parquet({"Email": ["c@x.com"]}, object="contact", key="contacts")
    files.read(files.csv("Email\na@x.com\nb@x.com\n"), contacts)
    assert [read.object for read in files.read(files.csv("Email\nb@x.com\n"), contacts)] == ["lead"]
    assert files.rows("object, email") == [("contact", "c@x.com"), ("lead", "b@x.com")]


@pytest.mark.parametrize(
    "asked", [{"fields": ("Size",)}, {"email_column": "Other"}, {"valid_from_column": "Since"}]
)
def test_crm_other_columns_asked_for_read_the_same_file_anew(
    files: Crm, asked: dict[str, Any]
) -> None:
    text = "Email,Other,Size,Since\na@x.com,b@x.com,1,2026-01-05\n"
    files.read(files.csv(text))
    before = files.rows("email, fields, valid_from")
    assert len(files.read(files.csv(text, **asked))) == 1
    assert files.rows("email, fields, valid_from") != before


def test_crm_records_go_with_their_file_from_the_configuration(files: Crm) -> None:
    leads = files.csv("Email\na@x.com\n")
    contacts = files.csv("Email\nc@x.com\n", "contacts.csv", object="contact", key="contacts")
    files.read(leads, contacts)
    assert files.read(contacts) == ()
    assert files.rows("object") == ["contact"]
    files.read()
    assert files.rows("object") == []


def test_crm_every_missing_column_of_every_file_is_named(files: Crm) -> None:
    leads = files.csv("email,Industri\na@x.com,SaaS\n", fields=("Industry",))
    gone = _file(files.folder / "gone.csv", {"object": "contact", "key": "contacts"})
    with pytest.raises(CrmFilesError) as raised:
        files.read(leads, gone)
    assert [(m.location, m.wanted, m.known) for m in raised.value.mistakes] == [
        (("crm", "email_column"), "Email", ("email", "Industri")),
        (("crm", "fields", "lead", 0), "Industry", ("email", "Industri")),
        (("crm", "contacts"), None, ()),
    ]
    assert "does not exist" in raised.value.mistakes[2].reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "has no column 'Email'"),
        (b"Email,Email\na@x.com,b@x.com\n", "more than one column 'Email'"),
        (
            b"Id,Email\n1,a@x.com\n2,b@x.com,odd\n",
            "Line: 3, Expected Number of Columns: 2 Found: 3",
        ),
        (b'Id,Email\n1,"a@x.com\n', "unterminated quote"),
        (b"Id,Email\n1,a\xff@x.com\n", "cannot be read ('utf-8'"),
        (b"Id,Email\n" + b"1,a@x.com\n" * 2000 + b"2,a\xff@x.com\n", "Line: 2002, Invalid unicode"),
        (b"\xff\xfeI\x00d\x00", "cannot be read"),
    ],
)
def test_crm_a_broken_csv_is_refused_without_telling_what_stands_in_it(
    files: Crm, text: bytes, reason: str
) -> None:
    with pytest.raises(CrmFilesError) as raised:
        files.read(files.csv(text))
    assert reason in raised.value.mistakes[0].reason
    assert "x.com" not in str(raised.value)


def test_crm_a_broken_parquet_file_is_refused(files: Crm) -> None:
    path = files.folder / "leads.parquet"
    path.write_bytes(b"PAR1 and nothing else PAR1")
    with pytest.raises(CrmFilesError, match=r"leads\.parquet cannot be read"):
        files.read(_file(path, {}))


def one_row(**columns: pa.Array) -> pa.Table:
    return pa.table({"Email": ["a@x.com"]} | columns)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (one_row().append_column("Email", pa.array(["b@x.com"])), "Email"),
        (one_row(Id=["1"]).append_column("Id", pa.array(["2"])), "Id"),
        (one_row(Size=pa.StructArray.from_arrays([pa.array([1])] * 2, names=["a", "a"])), "Size"),
    ],
)
def test_crm_a_parquet_column_that_comes_twice_is_refused_by_name(
    files: Crm, table: pa.Table, column: str
) -> None:
    path = files.folder / "leads.parquet"
    pq.write_table(table, path)
    asked = {"fields": ("Size",)} if "Size" in table.column_names else {}
    with pytest.raises(CrmFilesError, match=f"more than one column '{column}'"):
        files.read(_file(path, asked))


def test_crm_a_csv_with_two_ids_is_refused(files: Crm) -> None:
    with pytest.raises(CrmFilesError, match="more than one column 'Id'"):
        files.read(files.csv("Id,Id,Email\n1,2,a@x.com\n"))


def test_crm_columns_that_come_twice_and_are_not_asked_for_are_passed_over(files: Crm) -> None:
    path = files.folder / "leads.parquet"
    table = one_row(Owner=["b"], Size=[1], size=[2]).append_column("Owner", pa.array(["c"]))
    pq.write_table(table, path)
    files.read(_file(path, {"fields": ("Size", "size")}))
    assert files.fields() == [{"Size": 1, "size": 2}]
    files.read(files.csv("Owner,Email,Owner,Size,size\nb,a@x.com,c,1,2\n", fields=("size", "Size")))
    assert files.fields() == [{"Size": 1, "size": 2}]


def test_crm_an_object_with_names_that_differ_by_case_keeps_them(files: Crm) -> None:
    path = files.folder / "leads.parquet"
    pq.write_table(one_row(Size=[{"A": 1, "a": Decimal("1.50")}]), path)
    files.read(_file(path, {"fields": ("Size",)}))
    assert files.fields() == [{"Size": {"A": 1, "a": 1.5}}]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-32"])
def test_crm_a_csv_in_another_encoding_is_refused(files: Crm, encoding: str) -> None:
    with pytest.raises(CrmFilesError, match="UTF-8"):
        files.read(files.csv("Email,Größe\na@x.com,ä\n".encode(encoding)))


@pytest.mark.parametrize(
    "content",
    [
        lambda whole: whole.replace(b"Size", b"Si\xffe"),
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b"a@x.com", b"a@\xff.com"),
        lambda whole: b"",
    ],
)
def test_crm_a_parquet_file_with_broken_bytes_is_refused(
    files: Crm, content: Callable[[bytes], bytes]
) -> None:
    path = files.folder / "leads.parquet"
    options = {"store_schema": False, "compression": "none", "use_dictionary": False}
    pq.write_table(one_row(Size=[1]), path, **options)
    path.write_bytes(content(path.read_bytes()))
    with pytest.raises(CrmFilesError, match=r"leads\.parquet"):
        files.read(_file(path, {}))


def test_crm_what_is_wrong_with_one_file_changes_nothing(files: Crm) -> None:
    files.read(files.csv("Email\na@x.com\n"))
    broken = files.csv("Email\nc@x.com,odd\n", "contacts.csv", object="contact", key="contacts")
    with pytest.raises(CrmFilesError):
        files.read(files.csv("Email\nb@x.com\n"), broken)
    assert files.rows("object, email") == [("lead", "a@x.com")]
    assert len(files.read(files.csv("Email\nb@x.com\n"))) == 1


def test_crm_rows_keep_their_numbers_in_a_large_file(files: Crm) -> None:
    lines = "".join(f'p{n}@x.com,"{n}\n"\n' for n in range(60_000))
    files.read(files.csv("Email,Note\n" + lines, fields=("Note",)))
    wrong = files.rows(
        "count(*) filter (where email <> 'p' || (row_number - 1) || '@x.com'), count(*)"
    )
    assert wrong == [(0, 60_000)]


def test_crm_a_path_is_no_pattern(files: Crm) -> None:
    files.csv("Email\nother@x.com\n", "leads1.csv")
    files.read(files.csv("Email\na@x.com\n", "leads[1].csv"))
    assert files.rows("email") == ["a@x.com"]
