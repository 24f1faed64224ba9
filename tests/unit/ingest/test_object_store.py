"""Listing and fetching objects from a real S3 server, and what goes wrong with one."""

import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ingest.storage.object_store import MissingObjectError, ObjectStore, ObjectStoreError
from tests.s3_server import SECRETS, STRANGER, S3Server, s3_server

BIG = os.urandom(6 * 1024 * 1024)


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with s3_server() as server:
        server.put_all("many", {f"zone/web/{i:04}.parquet": b"" for i in range(2_500)})
        server.put("bucket", "zone/web/day=2026-05-01/part-00.parquet", BIG)
        yield server


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def server(running: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    running.reset()
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


def paths(url: str) -> list[str]:
    return [found.path for found in ObjectStore(url).list_objects()]


def refusal(url: str = "s3://bucket/zone") -> str:
    """Return what a listing is refused with: one sentence, and none of the library's own text."""
    with pytest.raises(ObjectStoreError) as caught:
        ObjectStore(url).list_objects()
    return sentence(caught.value)


def sentence(error: ObjectStoreError) -> str:
    text = str(error)
    assert text.endswith(".")
    for forbidden in ("\n", "Debug", "Generic", "{", *SECRETS, *SECRETS.values()):
        assert forbidden not in text
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    return text


# Listing.


def test_listing_makes_one_request_a_thousand_objects(server: S3Server) -> None:
    store = ObjectStore("s3://many/zone")
    assert server.counts() == {}
    found = store.list_objects()
    assert server.counts() == {"list": 3}
    assert [one.path for one in found] == [f"web/{i:04}.parquet" for i in range(2_500)]


def test_listing_describes_an_object_as_fetching_does(server: S3Server, tmp_path: Path) -> None:
    store = ObjectStore("s3://bucket/zone/")
    (listed,) = store.list_objects()
    assert listed.path == "web/day=2026-05-01/part-00.parquet"
    assert listed.size == len(BIG)
    assert listed.etag == hashlib.md5(BIG).hexdigest()
    assert listed.modified_at.tzinfo is None
    assert abs(listed.modified_at - datetime.now(UTC).replace(tzinfo=None)) < timedelta(hours=1)
    assert store.fetch(listed.path, tmp_path / "x")[0] == listed


def test_listing_takes_the_prefix_for_a_folder(server: S3Server) -> None:
    server.put_all("prefixes", {"zone 1/a": b"1", "zone 1/b/c": b"1", "zone 10/d": b"1"})
    assert paths("s3://prefixes/zone 1") == paths("s3://prefixes/zone 1/") == ["a", "b/c"]
    assert paths("s3://prefixes") == ["zone 1/a", "zone 1/b/c", "zone 10/d"]
    assert paths("s3://prefixes/zone") == []


ODD_NAMES = [
    "a b+c.parquet",
    "quotes'\".parquet",
    "semi;colon&<amp>.parquet",
    "ünïcödé-日本-😀.parquet",
    "e\u0301.parquet",
    "100%.parquet",
    "%20%2F.parquet",
    "hash#mark?query=1.parquet",
    "~[brackets]{braces}^`|\\.parquet",
    "day=2026-05-01:x,y@z$!*().parquet",
]


def test_odd_keys_are_listed_and_fetched(server: S3Server, tmp_path: Path) -> None:
    server.put_all("odd", {f"z%/ä b/{name}": name.encode() for name in ODD_NAMES})
    store = ObjectStore("s3://odd/z%/ä b")
    assert sorted(paths("s3://odd/z%/ä b")) == sorted(ODD_NAMES)
    for index, name in enumerate(ODD_NAMES):
        _, digest = store.fetch(name, tmp_path / str(index))
        assert (tmp_path / str(index)).read_bytes() == name.encode()
        assert digest == hashlib.sha256(name.encode()).hexdigest()


def test_markers_of_folders_are_left_out(server: S3Server) -> None:
    markers = dict.fromkeys(["zone/", "zone/web/", "zone/web/x.parquet/"], b"")
    files = {"zone/web/x.parquet/part-0.parquet": b"1", "zone/web/empty.parquet": b""}
    server.put_all("markers", markers | files)
    assert paths("s3://markers/zone") == ["web/empty.parquet", "web/x.parquet/part-0.parquet"]


@pytest.mark.parametrize("bad", ["web//x", "web//", "web/../x", "web/./x", "web/.."])
def test_unreadable_key_hides_little_of_the_rest(
    server: S3Server, caplog: pytest.LogCaptureFixture, bad: str
) -> None:
    bucket = f"bad-{hashlib.md5(bad.encode()).hexdigest()}"
    files = ["app/1", "app/sub/-2", "web/-hidden", "web/0/1", "web/1", "web/sub/2", "x"]
    server.put_all(bucket, dict.fromkeys([f"zone/{name}" for name in [*files, bad]], b"1"))
    with caplog.at_level(logging.WARNING):
        found = paths(f"s3://{bucket}/zone")
    assert found == [name for name in files if name != "web/-hidden"]
    (warning,) = caplog.messages
    assert warning.startswith(f"s3://{bucket}/zone/web: a key there has an empty name")


def test_unreadable_key_at_the_root_hides_little_of_the_rest(server: S3Server) -> None:
    server.put_all("bad-root", {"zone//x": b"1", "zone/web/1": b"1", "zone/-1": b"1"})
    assert paths("s3://bad-root/zone") == ["web/1"]


def test_key_with_a_control_character_is_an_error(server: S3Server) -> None:
    server.put_all("bad-tab", {"zone/web/a\tb": b"1", "zone/web/c": b"1"})
    assert refusal("s3://bad-tab/zone") == (
        "s3://bad-tab/zone cannot be listed: the library cannot read the key"
        r' "zone/web/a\tb"; rename that object.'
    )


# Fetching.


def test_fetch_makes_one_request(server: S3Server, tmp_path: Path) -> None:
    found, digest = ObjectStore("s3://bucket/zone/web").fetch(
        "day=2026-05-01/part-00.parquet", tmp_path / "x.parquet"
    )
    assert server.counts() == {"get": 1}
    assert (tmp_path / "x.parquet").read_bytes() == BIG
    assert digest == hashlib.sha256(BIG).hexdigest()
    assert (found.path, found.size) == ("day=2026-05-01/part-00.parquet", len(BIG))
    assert found.etag == hashlib.md5(BIG).hexdigest()


def test_fetch_of_an_empty_object(server: S3Server, tmp_path: Path) -> None:
    found, digest = ObjectStore("s3://many/zone").fetch("web/0000.parquet", tmp_path / "x")
    assert (found.size, digest) == (0, hashlib.sha256().hexdigest())
    assert (tmp_path / "x").read_bytes() == b""


def test_fetch_goes_on_after_a_cut(server: S3Server, tmp_path: Path) -> None:
    server.cut("zone/web/day=2026-05-01/part-00.parquet", times=1)
    _, digest = ObjectStore("s3://bucket").fetch(
        "zone/web/day=2026-05-01/part-00.parquet", tmp_path / "x"
    )
    assert server.counts() == {"get": 2}
    assert (tmp_path / "x").read_bytes() == BIG
    assert digest == hashlib.sha256(BIG).hexdigest()


def test_fetch_gives_up_and_leaves_nothing(server: S3Server, tmp_path: Path) -> None:
    server.cut("zone/web/day=2026-05-01/part-00.parquet", times=100)
    (tmp_path / "x").write_bytes(b"before")
    with pytest.raises(ObjectStoreError) as caught:
        ObjectStore("s3://bucket/zone").fetch("web/day=2026-05-01/part-00.parquet", tmp_path / "x")
    assert sentence(caught.value) == (
        "s3://bucket/zone/web/day=2026-05-01/part-00.parquet cannot be read:"
        " the connection broke off again and again; run again later."
    )
    assert server.counts() == {"get": 4}
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x", b"before")]


def test_fetch_of_a_missing_object_is_told_apart(server: S3Server, tmp_path: Path) -> None:
    with pytest.raises(MissingObjectError) as caught:
        ObjectStore("s3://bucket/zone").fetch("web/gone", tmp_path / "x")
    assert sentence(caught.value) == (
        "s3://bucket/zone/web/gone cannot be read: it is not there any more; run again."
    )
    with pytest.raises(ObjectStoreError) as other:
        ObjectStore("s3://nowhere/zone").fetch("web/gone", tmp_path / "x")
    assert type(other.value) is ObjectStoreError
    assert "there is no nowhere" in sentence(other.value)


def test_fetch_into_a_missing_folder_is_no_error_of_the_store(
    server: S3Server, tmp_path: Path
) -> None:
    store = ObjectStore("s3://many/zone")
    with pytest.raises(FileNotFoundError):
        store.fetch("web/0000.parquet", tmp_path / "no" / "x")


def test_fetch_from_many_threads_at_once(server: S3Server, tmp_path: Path) -> None:
    contents = {f"{i}.parquet": os.urandom(100_000 + i) for i in range(24)}
    server.put_all("threads", contents)
    store = ObjectStore("s3://threads")
    with ThreadPoolExecutor(8) as pool:
        digests = dict(
            zip(
                contents, pool.map(lambda n: store.fetch(n, tmp_path / n)[1], contents), strict=True
            )
        )
    assert digests == {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    assert {name: (tmp_path / name).read_bytes() for name in contents} == contents
    assert server.counts() == {"get": 24}


# What is refused.


def test_wrong_secret(server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong+secret/key")
    refused = "the credentials are refused (403 SignatureDoesNotMatch); correct AWS_ACCESS_KEY_ID"
    text = refusal()
    assert text.startswith(f"s3://bucket/zone cannot be listed: {refused}")
    assert "wrong" not in text
    with pytest.raises(ObjectStoreError) as caught:
        ObjectStore("s3://bucket/zone").fetch("web/x", tmp_path / "x")
    assert sentence(caught.value).startswith(f"s3://bucket/zone/web/x cannot be read: {refused}")
    assert server.counts() == {"list": 1, "get": 1}


def test_unknown_access_key(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY")
    assert "refused (403 InvalidAccessKeyId)" in refusal()
    assert "AKIANOBODY" not in refusal()


def test_access_denied(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment_of(STRANGER).items():
        monkeypatch.setenv(name, value)
    assert refusal() == (
        "s3://bucket/zone cannot be listed: access is denied (403 AccessDenied);"
        " allow listing the bucket and reading its objects."
    )


def test_missing_bucket(server: S3Server) -> None:
    assert refusal("s3://nowhere/zone") == (
        "s3://nowhere/zone cannot be listed: there is no nowhere (404 NoSuchBucket);"
        " create it or correct the URL."
    )


def test_missing_credentials(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    missing = "no usable credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    assert missing in refusal()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert missing in refusal()
    assert server.counts() == {}


def test_unreachable_endpoint_fails_soon(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://user:hush@127.0.0.1:{port}")
    started = time.monotonic()
    assert refusal() == (
        f"s3://bucket/zone cannot be listed: 127.0.0.1:{port} cannot be reached;"
        " check the network and AWS_ENDPOINT_URL."
    )
    assert time.monotonic() - started < 15


def test_endpoint_that_is_no_url(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "minio:9000")
    assert refusal().endswith("the library broke down; check AWS_ENDPOINT_URL.")


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"])
def test_endpoint_under_its_other_names(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv(variable, server.endpoint)
    assert len(paths("s3://bucket")) == 1


@pytest.mark.parametrize(
    "url", ["s3://key:hush@bucket/x", "s3://bucket?sig=hush", "ftp://hush", "s3://", "s3://a//hush"]
)
def test_url_that_cannot_be_right(url: str) -> None:
    with pytest.raises(ObjectStoreError) as caught:
        ObjectStore(url)
    assert "hush" not in sentence(caught.value)
    assert sentence(caught.value).startswith("The landing zone cannot be opened: the URL")


# Stores of other makes, as far as a canned answer goes.


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Canned:
    """Answers of (status, headers, body) one after the other, the last one for good."""

    def __init__(self, *answers: tuple[int, dict[str, str], bytes]) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.endpoint = ""


@contextmanager
def canned(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[Canned]:
    served = Canned(*answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            served.requests.append((self.path, headers))
            more = len(served.answers) > 1
            status, headers, body = served.answers.pop(0) if more else served.answers[0]
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        served.endpoint = f"http://127.0.0.1:{http.server_port}"
        threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield served
        finally:
            http.shutdown()


GOOGLE_LISTING = b"""<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://doc.s3.amazonaws.com/2006-03-01"><Name>bucket</Name>
<Prefix>zone/</Prefix><IsTruncated>false</IsTruncated><Contents><Key>zone/web/a b.parquet</Key>
<LastModified>2026-05-01T10:00:00.123Z</LastModified><ETag>"abc"</ETag><Size>7</Size></Contents>
</ListBucketResult>"""

AZURE_LISTING = b"""<?xml version="1.0" encoding="utf-8"?>
<EnumerationResults ServiceEndpoint="x" ContainerName="bucket"><Prefix>zone/</Prefix><Blobs><Blob>
<Name>zone/web/a b.parquet</Name><Properties>
<Last-Modified>Fri, 01 May 2026 10:00:00 GMT</Last-Modified><Etag>abc</Etag>
<Content-Length>7</Content-Length><Content-Type>x</Content-Type></Properties></Blob></Blobs>
<NextMarker /></EnumerationResults>"""

OBJECT = {"ETag": '"abc"', "Last-Modified": "Fri, 01 May 2026 10:00:00 GMT"}


@pytest.mark.parametrize(
    ("url", "listing", "endpoint", "variables"),
    [
        ("gs://bucket/zone", GOOGLE_LISTING, "GOOGLE_BASE_URL", {"GOOGLE_BEARER_TOKEN": "hush"}),
        (
            "az://bucket/zone",
            AZURE_LISTING,
            "AZURE_STORAGE_ENDPOINT",
            {"AZURE_STORAGE_ACCOUNT_NAME": "account", "AZURE_STORAGE_ACCOUNT_KEY": "aHVzaA=="},
        ),
    ],
)
def test_other_clouds(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    url: str,
    listing: bytes,
    endpoint: str,
    variables: dict[str, str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    denied = b"<Error><Code>AccessDenied</Code><Message>hush</Message></Error>"
    with canned((200, {}, listing), (200, OBJECT, b"content"), (403, {}, denied)) as served:
        monkeypatch.setenv(endpoint, served.endpoint)
        store = ObjectStore(url)
        (listed,) = store.list_objects()
        assert (listed.path, listed.size, listed.etag) == ("web/a b.parquet", 7, "abc")
        assert listed.modified_at == datetime(2026, 5, 1, 10)
        assert store.fetch("web/a b.parquet", tmp_path / "x")[0] == listed
        assert "access is denied (403 AccessDenied)" in refusal(url)


@pytest.mark.parametrize(
    ("url", "variable", "value"),
    [
        ("gs://bucket", "GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/hush.json"),
        ("az://bucket", "AZURE_STORAGE_ACCOUNT_KEY", "hush"),
    ],
)
def test_other_clouds_without_credentials(
    monkeypatch: pytest.MonkeyPatch, url: str, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    text = refusal(url)
    assert text.startswith(f"{url} cannot be opened: no usable credentials were found; set ")
    assert variable in text
    assert "hush" not in text


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    return monkeypatch


@pytest.mark.parametrize(
    ("etag", "content_range", "rest", "message"),
    [
        ('"new"', "bytes 4-7/8", b"rest", "the connection broke off again and again"),
        ('"abc"', "bytes 4-9/10", b"longer", "10 of 8 bytes came"),
    ],
)
def test_rest_that_does_not_fit_is_refused(
    keys: pytest.MonkeyPatch,
    tmp_path: Path,
    etag: str,
    content_range: str,
    rest: bytes,
    message: str,
) -> None:
    half = (200, {**OBJECT, "Content-Length": "8"}, b"half")
    with canned(half, (206, {**OBJECT, "ETag": etag, "Content-Range": content_range}, rest)) as s3:
        keys.setenv("AWS_ENDPOINT_URL", s3.endpoint)
        with pytest.raises(ObjectStoreError) as caught:
            ObjectStore("s3://bucket").fetch("x", tmp_path / "x")
        assert message in sentence(caught.value)
        assert [headers.get("range") for _, headers in s3.requests] == [None, "bytes=4-7"]
    assert list(tmp_path.iterdir()) == []


def test_web_page_is_no_empty_landing_zone(keys: pytest.MonkeyPatch) -> None:
    with canned((200, OBJECT, b"<html>console</html>")) as served:
        keys.setenv("AWS_ENDPOINT_URL", served.endpoint)
        assert refusal().endswith("as an object store does; check AWS_ENDPOINT_URL.")


def test_bucket_of_another_region(keys: pytest.MonkeyPatch) -> None:
    body = b"<Error><Code>PermanentRedirect</Code></Error>"
    with canned((301, {}, body)) as served:
        keys.setenv("AWS_ENDPOINT_URL", served.endpoint)
        assert refusal().endswith("the bucket lies in another region; set AWS_REGION to it.")


def test_store_that_asks_to_slow_down_is_asked_again(keys: pytest.MonkeyPatch) -> None:
    slow: tuple[int, dict[str, str], bytes] = (503, {}, b"<Error><Code>SlowDown</Code></Error>")
    with canned(slow, (200, {}, GOOGLE_LISTING)) as served:
        keys.setenv("AWS_ENDPOINT_URL", served.endpoint)
        assert paths("s3://bucket/zone") == ["web/a b.parquet"]
        served.answers = [slow]
        assert refusal().endswith("the store answers 503 SlowDown; run again later.")
