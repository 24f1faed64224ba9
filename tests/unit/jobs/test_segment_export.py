"""What is told of the rule segments, on published files made by hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.ledger import create_raw_tables
from jobs import files as disk
from jobs.config import Settings, load_settings
from jobs.export.run import ExportError, export_marts
from jobs.ingest.tombstones import begin_erasure
from jobs.segment_sync import files as segment_files
from jobs.segment_sync.run import SegmentChange, export_segments
from jobs.warehouse import open_warehouse
from tests.unit.ingest.conftest import Landing

DAY_0 = datetime(2026, 5, 4, 9)

Membership = tuple[str, str, int, int | None]
Identifier = tuple[str, str, str]


def day(number: float) -> datetime:
    return DAY_0 + timedelta(days=number)


def at(number: float | None) -> datetime | None:
    return None if number is None else day(number)


class Company:
    """A folder with a `lift.yml` and a publication; times are days after the first."""

    def __init__(self, folder: Path, names: Iterable[str] = ("Small Company",)) -> None:
        self.folder = folder
        self.configure(*names)

    def configure(self, *names: str) -> None:
        """Write the segments into `lift.yml`; the next publication has them."""
        self.names = names
        rules = [{"name": name, "all": [{"trait": "plan", "value": "pro"}]} for name in names]
        (self.folder / "lift.yml").write_text(
            yaml.safe_dump({"landing": "landing", "segments": rules})
        )
        self.settings: Settings = load_settings(self.folder / "lift.yml")

    def publish(
        self,
        as_of: float,
        members: Iterable[Membership],
        identifiers: Iterable[Identifier | tuple[str, str, str, int | None, int | None]],
        blocked: Iterable[str] = (),
    ) -> None:
        """Publish (person, segment, from, to) and (type, value, person[, from, to])."""
        path = self.settings.publish / "lift.duckdb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as con:
            con.execute(
                "create table fct_user_segment_memberships (person_id varchar, user_segment varchar"
                ", origin varchar, member_from timestamp, member_to timestamp)"
            )
            con.execute(
                "create table dim_identifiers (id_type varchar, id_value varchar, person_id varchar"
                ", owned_from timestamp, owned_to timestamp, is_blocked boolean)"
            )
            con.execute("create table dim_user_segments (user_segment varchar, origin varchar)")
            con.execute(f"create macro as_of() as timestamp '{day(as_of)}'")
            for table, rows in (
                ("dim_user_segments", [(name, "rule") for name in self.names]),
                (
                    "fct_user_segment_memberships",
                    [(who, name, "rule", day(start), at(end)) for who, name, start, end in members],
                ),
                (
                    "dim_identifiers",
                    [
                        (
                            *identifier[:3],
                            *map(at, identifier[3:] or (None, None)),
                            identifier[1] in blocked,
                        )
                        for identifier in identifiers
                    ],
                ),
            ):
                if rows:
                    con.execute(
                        f"insert into {table} values"
                        + ", ".join(f"({', '.join('?' * len(row))})" for row in rows),
                        [value for row in rows for value in row],
                    )

    def files(self) -> list[Path]:
        return segment_files.segment_files(self.settings).changes()

    def lines(self) -> list[dict[str, Any]]:
        """Every line told, file by file."""
        return [json.loads(line) for path in self.files() for line in gzip.open(path, "rt")]

    def told(self) -> dict[tuple[str, str], bool]:
        """What a destination holds that takes the lines as they come, repeats left out."""
        return replayed(self.lines())


def replayed(lines: Iterable[dict[str, Any]]) -> dict[tuple[str, str], bool]:
    held: dict[tuple[str, str], bool] = {}
    for line in lines:
        ((key, is_member),) = line["traits"].items()
        held[key, line["userId"] or line["anonymousId"]] = is_member
    return held


def moment(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["timestamp"]).replace(tzinfo=None)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


USER_A, USER_B = ("user_id", "ua", "a"), ("user_id", "ub", "b")
A_JOINED: Membership = ("a", "Small Company", 1, None)


def test_first_export_tells_every_member_and_the_second_nothing(company: Company) -> None:
    company.publish(
        9,
        [A_JOINED, ("b", "Small Company", 1, 5), ("c", "Small Company", 9, None)],
        [USER_A, ("anonymous_id", "da", "a"), USER_B, ("user_id", "uc", "c")],
    )
    report = export_segments(company.settings)
    assert report.changes == (SegmentChange("small_company", 2, 0),)
    assert report.words() == ["small_company: 2 ids joined, 0 left"]
    assert report.file is not None
    assert report.file.name == "changes-000001-20260513T090000Z.ndjson.gz"
    line = company.lines()[0]
    assert line.pop("messageId").startswith("lift_")
    assert line == {
        "type": "identify",
        "userId": "ua",
        "anonymousId": None,
        "timestamp": "2026-05-05T09:00:00.000000Z",
        "traits": {"small_company": True},
        "context": {
            "personas": {
                "computation_class": "audience",
                "computation_id": "lift_small_company",
                "computation_key": "small_company",
                "namespace": "segment_lift",
                "space_id": "segment_lift",
            }
        },
        "integrations": {},
    }
    before = sorted(company.files()[0].parent.iterdir())
    assert export_segments(company.settings).changes == ()
    assert sorted(company.files()[0].parent.iterdir()) == before


def test_members_to_come_and_other_origins_are_not_told(company: Company) -> None:
    company.publish(
        2, [("a", "Small Company", 3, None), ("b", "Audience", 1, None)], [USER_A, USER_B]
    )
    assert export_segments(company.settings).file is None
    assert not company.files()


def test_entry_and_leave_are_dated_when_they_happened(company: Company) -> None:
    company.publish(2, [A_JOINED], [USER_A, USER_B])
    export_segments(company.settings)
    company.publish(
        9, [("a", "Small Company", 1, 4), ("b", "Small Company", 6, None)], [USER_A, USER_B]
    )
    assert export_segments(company.settings).changes == (SegmentChange("small_company", 1, 1),)
    assert [(line["userId"], line["traits"], moment(line)) for line in company.lines()[1:]] == [
        ("ua", {"small_company": False}, day(4)),
        ("ub", {"small_company": True}, day(6)),
    ]


def test_who_left_and_came_back_between_two_exports_is_no_change(company: Company) -> None:
    company.publish(2, [A_JOINED], [USER_A])
    export_segments(company.settings)
    company.publish(9, [("a", "Small Company", 1, 4), ("a", "Small Company", 6, None)], [USER_A])
    assert export_segments(company.settings).file is None


def test_person_without_user_id_is_told_by_devices_owned_now(company: Company) -> None:
    company.publish(
        9,
        [A_JOINED],
        [
            ("anonymous_id", "d1", "a"),
            ("anonymous_id", "d2", "a", None, 5),
            ("anonymous_id", "d2", "b", 5, None),
            ("anonymous_id", "0000", "a"),
            ("email", "a@example.org", "a"),
        ],
        blocked=["0000"],
    )
    export_segments(company.settings)
    assert [(line["userId"], line["anonymousId"]) for line in company.lines()] == [(None, "d1")]


def test_device_of_a_person_who_logged_in_stays_told(company: Company) -> None:
    device = ("anonymous_id", "d1", "a")
    company.publish(2, [A_JOINED], [device])
    export_segments(company.settings)
    company.publish(3, [A_JOINED], [device, USER_A])
    export_segments(company.settings)
    assert company.told() == {("small_company", "d1"): True, ("small_company", "ua"): True}
    company.publish(9, [("a", "Small Company", 1, 5)], [device, USER_A])
    export_segments(company.settings)
    assert company.told() == {("small_company", "d1"): False, ("small_company", "ua"): False}


def test_device_that_changed_hands_turns_when_it_did(company: Company) -> None:
    company.publish(2, [A_JOINED], [("anonymous_id", "d1", "a")])
    export_segments(company.settings)
    company.publish(
        9,
        [A_JOINED],
        [("anonymous_id", "d1", "a", None, 4), ("anonymous_id", "d1", "b", 4, None)],
    )
    export_segments(company.settings)
    assert [(line["traits"]["small_company"], moment(line)) for line in company.lines()] == [
        (True, day(1)), (False, day(4)),
    ]  # fmt: skip


def test_merged_persons_are_told_by_every_user_id(company: Company) -> None:
    company.publish(5, [A_JOINED, ("b", "Small Company", 1, 4)], [USER_A, USER_B])
    export_segments(company.settings)
    # The absorbed person's id is the other's now, under another name.
    merged = [("user_id", "ua", "m"), ("user_id", "ub", "m")]
    company.publish(6, [("m", "Small Company", 1, None)], merged)
    assert export_segments(company.settings).changes == (SegmentChange("small_company", 1, 0),)
    assert company.told() == {("small_company", "ua"): True, ("small_company", "ub"): True}
    company.publish(9, [("m", "Small Company", 1, 7)], merged)
    assert export_segments(company.settings).changes == (SegmentChange("small_company", 0, 2),)


def test_correction_of_history_is_dated_as_of_and_has_an_id_of_its_own(company: Company) -> None:
    company.publish(2, [A_JOINED], [USER_A])
    export_segments(company.settings)
    company.publish(5, [("a", "Small Company", 1, 4)], [USER_A])
    export_segments(company.settings)
    # What made them leave was taken back: they were a member all along.
    company.publish(9, [A_JOINED], [USER_A])
    export_segments(company.settings)
    # A publication of before was put back, and nobody knows of them any more.
    company.publish(3, [], [])
    export_segments(company.settings)
    lines = company.lines()
    assert [(line["traits"]["small_company"], moment(line)) for line in lines] == [
        (True, day(1)), (False, day(4)), (True, day(9)),
        (False, day(9) + timedelta(microseconds=1)),
    ]  # fmt: skip
    assert len({line["messageId"] for line in lines}) == 4


def test_message_ids_are_those_of_the_change(tmp_path: Path) -> None:
    told = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        company = Company(tmp_path / name)
        company.publish(2 if name == "one" else 3, [A_JOINED], [USER_A])
        export_segments(company.settings)
        told.append([line["messageId"] for line in company.lines()])
    assert told[0] == told[1]


def test_removed_segment_is_dropped_without_a_word_to_its_members(company: Company) -> None:
    company.configure("Small Company", "Engaged")
    everybody = [A_JOINED, ("a", "Engaged", 2, None)]
    company.publish(3, everybody, [USER_A])
    export_segments(company.settings)
    company.configure("Small Company")
    # Configured no more but published still, as between the edit and the next night.
    assert export_segments(company.settings).dropped == ()
    company.publish(5, [A_JOINED], [USER_A])
    report = export_segments(company.settings)
    assert (report.file, report.dropped) == (None, ("engaged",))
    assert report.words() == ["engaged: no longer a segment; no leave is sent"]
    assert export_segments(company.settings).words() == []
    assert len(company.files()) == 1
    company.configure("Small Company", "Engaged")
    company.publish(6, everybody, [USER_A])
    assert export_segments(company.settings).changes == (SegmentChange("engaged", 1, 0),)


def test_segment_missing_from_a_publication_put_back_is_remembered(company: Company) -> None:
    company.publish(3, [A_JOINED], [USER_A])
    export_segments(company.settings)
    company.names = ()
    company.publish(2, [], [USER_A])
    assert export_segments(company.settings).words() == []
    company.configure("Small Company")
    company.publish(9, [("a", "Small Company", 1, 5)], [USER_A])
    assert export_segments(company.settings).changes == (SegmentChange("small_company", 0, 1),)


@pytest.mark.parametrize(
    ("name", "key"),
    [("Recent Buyers", "recent_buyers"), ("plan 'Pro'", "plan_pro"), ("得意先", "得意先")],
)
def test_key_is_the_snake_case_of_the_name(tmp_path: Path, name: str, key: str) -> None:
    company = Company(tmp_path, [name])
    company.publish(3, [("a", name, 1, None)], [USER_A])
    export_segments(company.settings)
    assert company.told() == {(key, "ua"): True}


def test_odd_identifiers_are_written_as_they_are(company: Company) -> None:
    values = ['quote"', "line\nbreak", "back\\slash", "a'b", "é|ü"]
    company.publish(3, [A_JOINED], [("user_id", value, "a") for value in values])
    export_segments(company.settings)
    assert {line["userId"] for line in company.lines()} == set(values)


def test_publication_of_an_older_version_tells_nothing(company: Company) -> None:
    company.publish(3, [A_JOINED], [USER_A])
    with duckdb.connect(str(company.settings.publish / "lift.duckdb")) as con:
        con.execute("drop macro as_of")
    assert export_segments(company.settings).file is None


def test_export_of_tables_tells_the_segments_and_names_what_cannot_be_written(
    company: Company,
) -> None:
    company.publish(3, [A_JOINED], [USER_A])
    (company.settings.publish / "segments").write_text("no folder")
    with pytest.raises(ExportError, match="run `lift export`"):
        export_marts(company.settings)
    (company.settings.publish / "segments").unlink()
    assert export_marts(company.settings).segments.changes == (
        SegmentChange("small_company", 1, 0),
    )


class DiedError(Exception):
    """The process was killed."""


@contextmanager
def dying(step: int, *, after: bool) -> Iterator[list[str]]:
    """Die at the n-th thing that reaches the disk, before or after it is done."""
    done: list[str] = []

    def watched(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any, **options: Any) -> Any:
            if len(done) == step and not after:
                raise DiedError
            done.append(real.__name__)
            result = real(*arguments, **options)
            if len(done) == step + 1 and after:
                raise DiedError
            return result

        return act

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", watched(Path.replace))
        patch.setattr(Path, "unlink", watched(Path.unlink))
        sync = watched(disk.sync)
        for module in (disk, segment_files):
            patch.setattr(module, "sync", sync)
        for name in ("copy_changes", "copy_state"):
            write = watched(getattr(segment_files, name))
            patch.setattr(segment_files, name, write)
            patch.setattr(f"jobs.segment_sync.run.{name}", write)
        yield done


@pytest.mark.slow
def test_export_killed_anywhere_skips_and_repeats_nothing(tmp_path: Path) -> None:
    for after in (False, True):
        for step in range(20):
            folder = tmp_path / f"{step}-{after}"
            folder.mkdir()
            company = Company(folder)
            company.publish(2, [A_JOINED], [USER_A, USER_B])
            export_segments(company.settings)
            company.publish(
                5, [("a", "Small Company", 1, 4), ("b", "Small Company", 3, None)], [USER_A, USER_B]
            )
            try:
                with dying(step, after=after):
                    export_segments(company.settings)
                is_last = True
            except DiedError:
                is_last = False
            # Another night has passed, and who joined has left.
            company.publish(
                9, [("a", "Small Company", 1, 4), ("b", "Small Company", 3, 8)], [USER_A, USER_B]
            )
            export_segments(company.settings)
            was_told = {line["userId"] for line in company.lines()} == {"ua", "ub"}
            expected = {("small_company", "ua"): False}
            if was_told:
                expected["small_company", "ub"] = False
            assert company.told() == expected, (step, after)
            ids = [line["messageId"] for line in company.lines()]
            assert len(ids) == len(set(ids)) == (4 if was_told else 2)
            names = [path.name for path in (company.settings.publish / "segments").iterdir()]
            assert sum(name.startswith("state-") for name in names) == 1
            assert not [name for name in names if name.startswith(".")]
            if is_last:
                break
        assert step >= 8


def test_export_killed_is_repeated_to_the_byte(tmp_path: Path) -> None:
    told = set()
    for step in range(9):
        (tmp_path / str(step)).mkdir()
        company = Company(tmp_path / str(step))
        company.publish(2, [A_JOINED], [USER_A])
        try:
            with dying(step, after=False):
                export_segments(company.settings)
        except DiedError:
            pass
        export_segments(company.settings)
        told.add((tuple(path.name for path in company.files()), json.dumps(company.lines())))
    assert len(told) == 1


PERSONS = ("p", "q", "r")
VALUES = ("u1", "u2", "d1", "d2")


@st.composite
def nights(draw: st.DrawFn) -> list[tuple[int, list[Membership], list[Identifier]]]:
    """Publications in any order of their as-of, and any history, corrected at will."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        as_of = draw(st.integers(2, 8))
        memberships: list[Membership] = []
        for person in PERSONS:
            for segment in ("One", "Two"):
                for start in draw(st.sets(st.integers(0, 9), max_size=2)):
                    end = draw(st.one_of(st.none(), st.integers(start + 1, 10)))
                    memberships.append((person, segment, start, end))
        identifiers: list[Identifier] = []
        for value in VALUES:
            owner = draw(st.sampled_from((*PERSONS, None)))
            if owner is not None:
                kind = "user_id" if value.startswith("u") else "anonymous_id"
                identifiers.append((kind, value, owner))
        found.append((as_of, memberships, identifiers))
    return found


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=nights())
def test_replayed_changes_are_the_memberships(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[tuple[int, list[Membership], list[Identifier]]],
) -> None:
    company = Company(tmp_path_factory.mktemp("nights"), ["One", "Two"])
    for as_of, memberships, identifiers in history:
        company.publish(as_of, memberships, identifiers)
        export_segments(company.settings)
        members = {
            (segment.lower(), person)
            for person, segment, start, end in memberships
            if start <= as_of and (end is None or as_of < end)
        }
        owners = {value: person for _, value, person in identifiers}
        with_users = {person for kind, _, person in identifiers if kind == "user_id"}
        told = company.told()
        for segment in ("one", "two"):
            for value in VALUES:
                is_member = (segment, owners.get(value)) in members
                if value.startswith("u") or owners.get(value) not in with_users:
                    assert told.get((segment, value), False) == is_member
                # A device of somebody with a user id is told if it ever was.
                assert told.get((segment, value), is_member) == is_member
        lines = company.lines()
        # In the order of time, too, and no message twice.
        assert replayed(sorted(lines, key=lambda line: line["timestamp"])) == told
        assert len({line["messageId"] for line in lines}) == len(lines)


def test_landed_again_it_is_read_as_a_message_of_engage(company: Company) -> None:
    landing = Landing(company.folder)
    company.publish(
        9,
        [A_JOINED, ("b", "Small Company", 2, None)],
        [USER_A, ("anonymous_id", "db", "b")],
    )
    export_segments(company.settings)
    target = landing.place(f"segment-logs/rules/1778630400000/{company.files()[0].name}")
    target.write_bytes(company.files()[0].read_bytes())
    report = landing.ingest()
    assert (report.rows_landed, report.rows_rejected) == (2, 0)
    rows = landing.rows(
        "select source, type, user_id, anonymous_id, given_at, message_id, traits,"
        " context ->> '$.personas.computation_class', context ->> '$.personas.computation_key',"
        " integrations, unsound_objects, repairs from raw.messages order by given_at"
    )
    ids = [line["messageId"] for line in company.lines()]
    told = ('{"small_company":true}', "audience", "small_company")
    assert [row[:5] for row in rows] == [
        ("rules", "identify", "ua", None, day(1)),
        ("rules", "identify", None, "db", day(2)),
    ]
    assert [row[5] for row in rows] == ids
    assert [row[6:9] for row in rows] == [told, told]
    assert {row[10:] for row in rows} == {(None, None)}


def erase_at(company: Company, *tombstones: tuple[str, str, int | None, int | None]) -> int:
    with open_warehouse(company.settings) as con:
        create_raw_tables(con)
        erasure = begin_erasure(company.settings, con)
        for id_type, value, start, end in tombstones:
            con.execute(
                "insert into raw.tombstones values (?, ?, ?, ?)",
                [
                    erasure.hash(id_type, value),
                    None if start is None else day(start),
                    None if end is None else day(end),
                    datetime.now(UTC).replace(tzinfo=None),
                ],
            )
    return segment_files.erase_from_segment_files(company.settings, erasure)


def test_erased_persons_are_in_no_file_and_nobody_is_told(company: Company) -> None:
    company.publish(2, [A_JOINED], [("anonymous_id", "da", "a"), USER_B])
    export_segments(company.settings)
    others: list[Membership] = [
        ("a", "Small Company", 1, 4), ("b", "Small Company", 3, None),
        ("c", "Small Company", 2, None),
    ]  # fmt: skip
    tablets = [("anonymous_id", "tablet", "c", None, 5), ("anonymous_id", "tablet", "d", 5, None)]
    company.publish(4.5, others, [("anonymous_id", "da", "a"), USER_A, USER_B, *tablets])
    export_segments(company.settings)
    lines = [line for line in company.lines() if "b" in (line["userId"] or "")]
    assert len(company.lines()) == 4
    gone = [
        ("user_id", "ua", None, None), ("anonymous_id", "da", None, None),
        ("anonymous_id", "tablet", None, 5),
    ]  # fmt: skip
    assert erase_at(company, *gone) == 3
    # All lines of the first file were theirs.
    assert [path.name[:14] for path in company.files()] == ["changes-000002"]
    assert company.lines() == lines
    state = segment_files.segment_files(company.settings).state()
    assert state is not None
    with duckdb.connect() as con:
        told = con.execute("select id_value from read_parquet(?)", [str(state)]).fetchall()
    assert told == [("ub",)]
    assert erase_at(company) == 0
    company.publish(9, others[1:2], [USER_B])
    assert export_segments(company.settings).file is None


@pytest.mark.slow
def test_erasure_killed_anywhere_is_finished_by_the_next(tmp_path: Path) -> None:
    for step in range(14):
        (tmp_path / str(step)).mkdir()
        company = Company(tmp_path / str(step))
        company.publish(2, [A_JOINED, ("b", "Small Company", 1, None)], [USER_A, USER_B])
        export_segments(company.settings)
        company.publish(5, [("b", "Small Company", 1, None)], [USER_A, USER_B])
        with pytest.raises(DiedError), dying(5, after=True):
            export_segments(company.settings)
        try:
            with dying(step, after=True):
                erase_at(company, ("user_id", "ua", None, None))
            is_last = True
        except DiedError:
            is_last = False
        erase_at(company, ("user_id", "ua", None, None))
        assert company.told() == {("small_company", "ub"): True}
        names = [path.name for path in (company.settings.publish / "segments").iterdir()]
        assert not [name for name in names if name.startswith(".")]
        assert len(names) == 2
        if is_last:
            break
    assert step >= 6
