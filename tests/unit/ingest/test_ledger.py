import os
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from ingest.errors import LandingError
from ingest.run import ingest_landing
from ingest.storage.landing import FetchedFile, FolderLanding, LandedFile
from tests.unit.ingest.conftest import Landing, message

WINNERS = "select message_id || ' ' || event from raw.messages where not is_duplicate order by 1"


def test_ledger_a_second_run_opens_no_file(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.write("web/a.parquet", [message()])
    landing.ingest()

    def refuse(*_: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(FolderLanding, "fetch", refuse)
    report = landing.ingest()
    assert (report.files_listed, report.files_staged, report.rows_landed) == (1, 0, 0)


def test_ledger_a_rewritten_file_replaces_what_it_had_contributed(landing: Landing) -> None:
    landing.write("web/a.parquet", [message("m1"), message("m2")])
    landing.ingest()
    landing.write("web/a.parquet", [message("m2", event="Renamed"), message("m3")])
    assert landing.ingest().files_staged == 1
    assert landing.rows(WINNERS) == ["m2 Renamed", "m3 Signed Up"]


def test_ledger_a_removed_winner_is_succeeded_by_the_copy_that_lost(landing: Landing) -> None:
    early, late = "2026-05-01T10:00:01.000Z", "2026-05-02T10:00:01.000Z"
    landing.write("web/a.parquet", [message("m1", event="First", receivedAt=early)])
    landing.write("web/b.parquet", [message("m1", event="Second", receivedAt=late)])
    landing.ingest()
    assert landing.rows(WINNERS) == ["m1 First"]
    landing.write("web/a.parquet", [message("m9")])
    landing.ingest()
    assert landing.rows(WINNERS) == ["m1 Second", "m9 Signed Up"]


def test_ledger_the_winner_does_not_depend_on_which_night_brought_it(landing: Landing) -> None:
    landing.write(
        "web/b.parquet", [message("m1", event="Late", receivedAt="2026-05-02T10:00:01.000Z")]
    )
    landing.ingest()
    landing.write(
        "web/a.parquet", [message("m1", event="Early", receivedAt="2026-05-01T10:00:01.000Z")]
    )
    landing.ingest()
    assert landing.rows(WINNERS) == ["m1 Early"]


@pytest.mark.parametrize(("web_id", "winner"), [("aaa", "m1 Web"), ("zzz", "m1 App")])
def test_ledger_ties_go_to_the_source_id(landing: Landing, web_id: str, winner: str) -> None:
    landing.write("web/a.parquet", [message("m1", event="Web")])
    landing.write("app/a.parquet", [message("m1", event="App")])
    landing.ingest()
    landing.ingest(web=web_id, app="mmm")
    assert landing.rows(WINNERS) == [winner]


def test_ledger_a_vanished_file_keeps_its_rows_and_is_reported(landing: Landing) -> None:
    path = landing.write("web/a.parquet", [message("m1")])
    landing.ingest()
    path.unlink()
    assert landing.ingest().vanished == ("web/a.parquet",)
    assert landing.rows(WINNERS) == ["m1 Signed Up"]
    assert landing.rows("select is_present from raw.files") == [False]


@pytest.mark.parametrize("content", [b"", b"hello", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_ledger_an_unreadable_file_is_named_and_the_rest_loads(
    landing: Landing, content: bytes
) -> None:
    landing.write("web/good.parquet", [message("m1")])
    (landing.folder / "web" / "bad.parquet").write_bytes(content)
    report = landing.ingest()
    assert (report.files_staged, len(report.unreadable)) == (1, 1)
    assert landing.rows(WINNERS) == ["m1 Signed Up"]
    assert landing.rows("select path from raw.files where error is not null") == ["web/bad.parquet"]
    landing.write("web/bad.parquet", [message("m2")])
    assert landing.ingest().unreadable == ()
    assert landing.rows(WINNERS) == ["m1 Signed Up", "m2 Signed Up"]


def test_ledger_a_file_damaged_in_its_pages_contributes_nothing(landing: Landing) -> None:
    good = landing.write("web/good.parquet", [message(f"g{i}") for i in range(100)])
    path = landing.write("web/damaged.parquet", [message(f"d{i}") for i in range(5000)])
    content = bytearray(path.read_bytes())
    content[4:4000] = b"\xff" * 3996
    path.write_bytes(content)
    report = landing.ingest()
    assert (report.files_staged, len(report.unreadable)) == (1, 1)
    assert landing.rows("select count(*) from raw.messages") == [100]
    assert good.exists()


def test_ledger_a_file_with_another_date_and_the_same_bytes_is_read_once(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = landing.write("web/a.parquet", [message()])
    landing.ingest()
    (before,) = landing.rows("select file_id, content_hash, staged_at from raw.files")
    os.utime(path, (1_800_000_000, 1_800_000_000))
    fetch = FolderLanding.fetch
    read: list[str] = []

    def counted(zone: FolderLanding, file: LandedFile, target: Path) -> FetchedFile:
        read.append(file.path)
        return fetch(zone, file, target)

    monkeypatch.setattr(FolderLanding, "fetch", counted)
    landing.ingest()
    landing.ingest()
    assert read == ["web/a.parquet"]
    assert landing.rows("select file_id, content_hash, staged_at from raw.files") == [before]


def test_ledger_pruning_takes_back_a_vanished_file_and_its_loser_succeeds(
    landing: Landing,
) -> None:
    late = {"receivedAt": "2026-05-02T10:00:01.000Z"}
    path = landing.write("web/a.parquet", [message("m1", event="First"), message("m2")])
    landing.write("web/b.parquet", [message("m1", event="Second", **late)])
    landing.ingest()
    path.unlink()
    report = ingest_landing(landing.con, landing.folder, {}, prune=True)
    assert (report.pruned, report.vanished) == (("web/a.parquet",), ())
    assert landing.rows(WINNERS) == ["m1 Second"]
    assert landing.rows("select path from raw.files") == ["web/b.parquet"]


def test_ledger_pruning_over_an_empty_landing_zone_is_refused(landing: Landing) -> None:
    path = landing.write("web/a.parquet", [message("m1")])
    landing.ingest()
    path.unlink()
    with pytest.raises(LandingError, match=r"holds no files.*check `landing:` in lift\.yml"):
        ingest_landing(landing.con, landing.folder, {}, prune=True)
    assert landing.rows(WINNERS) == ["m1 Signed Up"]
    assert landing.rows("select path, is_present from raw.files") == [("web/a.parquet", True)]


def test_landing_that_is_missing_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="not a folder"):
        FolderLanding(tmp_path / "nowhere").listing()


def test_ledger_a_kill_after_source_ids_changed_still_settles_ties(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing.write("web/a.parquet", [message("m1", event="Web")])
    landing.write("app/a.parquet", [message("m1", event="App")])
    landing.ingest()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("ingest.run.settle_duplicates", killed)
        with pytest.raises(KeyboardInterrupt):
            landing.ingest(web="aaa", app="mmm")
    landing.ingest(web="aaa", app="mmm")
    assert landing.rows(WINNERS) == ["m1 Web"]


def test_ledger_copies_that_differ_by_microseconds_are_told_apart(landing: Landing) -> None:
    moment = datetime(2026, 5, 1, 10, 0, 0, 123_001)
    for source, microsecond in (("web", 123_001), ("app", 123_002)):
        row = message(None, timestamp=moment.replace(microsecond=microsecond))
        landing.write(f"{source}/a.parquet", [row], messageId=pl.String)
    landing.ingest()
    assert landing.rows("select count(*) from raw.messages where not is_duplicate") == [2]


def test_ledger_typed_times_out_of_range_keep_their_text(landing: Landing) -> None:
    landing.write("web/a.parquet", [message(timestamp=datetime(1999, 12, 31))])
    landing.ingest()
    assert landing.rows("select given_at, has_timestamp, given_at_text from raw.messages") == [
        (None, True, "1999-12-31T00:00:00.000Z")
    ]
