"""Ingesting a bucket over the wire: what is listed, what is read, and what a bad night leaves."""

import gzip
import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from math import ceil
from typing import Any

import duckdb
import polars as pl
import pytest
from obstore.store import S3Store

from ingest.errors import LandingError, LandingFolderError
from ingest.run import IngestReport, ingest_landing
from tests.s3_server import SECRETS, S3Server, s3_server
from tests.unit.ingest.conftest import message

MANY = 1_050
LOGS = "segment-logs/wK3sQ/1777593600000"


class Bucket:
    """A bucket of its own, and the warehouse that its folder `zone` is ingested into."""

    def __init__(self, server: S3Server, name: str) -> None:
        self.server = server
        self.name = name
        self.con = duckdb.connect(":memory:")

    def put(self, objects: Mapping[str, bytes]) -> None:
        self.server.put_all(self.name, {f"zone/{path}": data for path, data in objects.items()})

    def delete(self, path: str) -> None:
        S3Store(self.name, client_options={"allow_http": True}).delete(f"zone/{path}")

    def ingest(self) -> tuple[IngestReport, dict[str, int]]:
        """Ingest and return the report with the requests that the server saw."""
        before = self.server.counts()
        report = ingest_landing(self.con, f"s3://{self.name}/zone", {})
        made = {kind: n - before.get(kind, 0) for kind, n in self.server.counts().items()}
        return report, {kind: n for kind, n in made.items() if n}

    def rows(self, sql: str) -> list[Any]:
        found = self.con.execute(sql).fetchall()
        return [row[0] for row in found] if found and len(found[0]) == 1 else found

    def winners(self) -> list[str]:
        return self.rows(
            "select concat(message_id, ' ', event) from raw.messages where not is_duplicate"
            " order by 1"
        )


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def bucket(
    running: S3Server, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Bucket]:
    for name in os.environ:
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    running.reset()
    found = Bucket(running, re.sub("[^a-z]+", "-", request.node.name)[:60].strip("-"))
    yield found
    found.con.close()


def raw(*messages: dict[str, Any]) -> bytes:
    target = BytesIO()
    pl.DataFrame(list(messages)).write_parquet(target)
    return target.getvalue()


def log(*messages: dict[str, Any]) -> bytes:
    lines = [json.dumps(line | {"properties": {}}).encode() + b"\n" for line in messages]
    return gzip.compress(b"".join(lines), mtime=0)


def lake(message_id: str) -> bytes:
    return raw(
        {
            "message_id": message_id,
            "anonymous_id": "a1",
            "event": "Signed Up",
            "received_at": "2026-05-01T10:00:01.000Z",
            "properties_plan": "free",
        }
    )


def secret_free(text: str) -> str:
    for secret in SECRETS.values():
        assert secret not in text
    return text


def test_bucket_reads_nothing_but_what_is_new_or_changed(bucket: Bucket) -> None:
    contents = {
        "web/{}.parquet": [raw(message("r1")), raw(message("r2"), message("r3"))],
        f"{LOGS}/{{}}.gz": [log(message("s1")), log(message("s2"), message("r1"))],
        "data/web/segment_type=signed_up/day=2026-05-01/{}.parquet": [lake("d1"), lake("d2")],
    }
    layouts = list(contents.items())
    objects = {}
    for number in range(MANY):
        name, versions = layouts[number % 3]
        objects[name.format(number)] = versions[number // 3 % 2]
    bucket.put(objects)
    lists = ceil(MANY / 1000)
    report, made = bucket.ingest()
    assert (report.files_listed, report.files_staged, report.unreadable) == (MANY, MANY, ())
    assert made == {"list": lists, "get": MANY}
    ids = [f"{name} Signed Up" for name in ("d1", "d2", "r1", "r2", "r3", "s1", "s2")]
    assert bucket.winners() == ids

    report, made = bucket.ingest()
    assert (report.files_listed, report.files_staged) == (MANY, 0)
    assert made == {"list": lists}

    bucket.put({"web/0.parquet": raw(message("r4")), f"{LOGS}/new.gz": log(message("s3"))})
    report, made = bucket.ingest()
    assert (report.files_listed, report.files_staged) == (MANY + 1, 2)
    assert made == {"list": lists, "get": 2}
    assert bucket.winners() == sorted([*ids, "r4 Signed Up", "s3 Signed Up"])


def test_bucket_object_written_again_with_its_own_bytes_is_not_read(bucket: Bucket) -> None:
    bucket.put({"web/a.parquet": raw(message("m1"))})
    bucket.ingest()
    bucket.put({"web/a.parquet": raw(message("m1"))})
    assert bucket.ingest()[1] == {"list": 1}


def test_bucket_rewritten_object_replaces_its_contribution(bucket: Bucket) -> None:
    late = {"receivedAt": "2026-05-03T10:00:00.000Z"}
    bucket.put(
        {
            "web/a.parquet": raw(message("m1", event="First"), message("m2")),
            "web/b.parquet": raw(message("m1", event="Second", **late)),
        }
    )
    bucket.ingest()
    assert bucket.winners() == ["m1 First", "m2 Signed Up"]
    bucket.put({"web/a.parquet": raw(message("m3"))})
    bucket.ingest()
    assert bucket.winners() == ["m1 Second", "m3 Signed Up"]


def test_bucket_deleted_object_is_reported_and_keeps_its_rows(bucket: Bucket) -> None:
    bucket.put({"web/a.parquet": raw(message("m1")), f"{LOGS}/b.gz": log(message("m2"))})
    bucket.ingest()
    bucket.delete("web/a.parquet")
    report, made = bucket.ingest()
    assert (report.files_listed, report.vanished, report.pruned) == (1, ("web/a.parquet",), ())
    assert made == {"list": 1}
    assert bucket.winners() == ["m1 Signed Up", "m2 Signed Up"]


@pytest.mark.parametrize("path", ["web/cut.parquet", f"{LOGS}/cut.gz"], ids=["parquet", "gzip"])
def test_bucket_object_cut_once_is_staged_whole(bucket: Bucket, path: str) -> None:
    messages = [message(f"m{number}", userId=os.urandom(8).hex()) for number in range(500)]
    bucket.put({path: (log if path.endswith(".gz") else raw)(*messages)})
    bucket.server.cut(f"zone/{path}", times=1)
    report, made = bucket.ingest()
    assert (report.files_staged, report.rows_landed, report.unreadable) == (1, 500, ())
    assert made == {"list": 1, "get": 2}
    assert bucket.rows("select count(distinct user_id) from raw.messages") == [500]


def test_bucket_object_cut_always_is_left_out_until_it_can_be_read(
    bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    bucket.put(
        {
            "web/a.parquet": raw(message("m1")),
            "web/cut.parquet": raw(message("m2")),
            f"{LOGS}/b.gz": log(message("m3")),
        }
    )
    bucket.server.cut("zone/web/cut.parquet", times=100)
    with caplog.at_level(logging.DEBUG):
        report, _ = bucket.ingest()
    (named,) = report.unreadable
    assert named.startswith("web/cut.parquet: ")
    assert bucket.rows("select path, landed from raw.files where error is not null") == [
        ("web/cut.parquet", 0)
    ]
    (error,) = bucket.rows("select error from raw.files where error is not null")
    assert secret_free(error) in named
    secret_free(caplog.text)
    assert bucket.winners() == ["m1 Signed Up", "m3 Signed Up"]

    bucket.server.reset()
    report, made = bucket.ingest()
    assert (report.files_staged, report.unreadable) == (1, ())
    assert made == {"list": 1, "get": 1}
    assert bucket.rows("select path from raw.files where error is not null") == []
    assert bucket.winners() == ["m1 Signed Up", "m2 Signed Up", "m3 Signed Up"]


def test_bucket_that_is_missing_is_one_clear_error(
    bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(LandingError) as caught:
        bucket.ingest()
    text = secret_free(str(caught.value))
    assert text.startswith(f"s3://{bucket.name}/zone cannot be listed: there is no {bucket.name} ")
    assert text.endswith(".")
    assert "\n" not in text
    secret_free(caplog.text)
    assert bucket.rows("select count(*) from information_schema.tables") == [0]


def test_bucket_with_a_wrong_secret_is_an_error_that_does_not_tell_it(
    bucket: Bucket, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put({"web/a.parquet": raw(message("m1"))})
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong+secret/key")
    with caplog.at_level(logging.DEBUG), pytest.raises(LandingError) as caught:
        bucket.ingest()
    assert "wrong+secret" not in secret_free(str(caught.value)) + secret_free(caplog.text)


def test_bucket_with_its_prefix_set_wrong_names_the_right_one(bucket: Bucket) -> None:
    bucket.put({"export/web/day=2026-05-01/a.parquet": raw(message("m1"))})
    right = f"s3://{bucket.name}/zone/export"
    for wrong in (f"{right}/web", f"{right}/web/day=2026-05-01", f"s3://{bucket.name}/zone"):
        with pytest.raises(LandingFolderError, match=f"; set it to {right}$"):
            ingest_landing(bucket.con, wrong, {})
    with pytest.raises(LandingFolderError, match="found no files; set it to the folder"):
        ingest_landing(bucket.con, f"{right}/nothing", {})
    assert bucket.rows("select count(*) from raw.files") == [0]
    assert ingest_landing(bucket.con, right, {}).rows_landed == 1
