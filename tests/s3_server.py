"""An S3 server for tests: moto behind a gate that checks signatures, counts and cuts connections.

`python -m tests.s3_server` serves on a loopback port of the system's choice, writes the port to its
standard output and ends when its standard input closes; `s3_server()` starts and ends that process.
"""

import base64
import json
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REGION = "us-east-1"
OWNER = "OWNERKEY"
STRANGER = "STRANGERKEY"  # signs well, may do nothing
SECRETS = {OWNER: "the-owners+secret/key", STRANGER: "the-strangers+secret/key"}


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server: `endpoint` is its URL; nothing it holds outlives it."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a client reads and writes every bucket."""
        return self.environment_of(OWNER)

    def environment_of(self, access_key: str) -> dict[str, str]:
        """Return the variables with which a client comes as the holder of an access key."""
        return {
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": SECRETS[access_key],
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "NO_PROXY": "127.0.0.1",
        }

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Store an object; the bucket is created when it is missing. Nothing is counted."""
        self.put_all(bucket, {key: content})

    def put_all(self, bucket: str, objects: Mapping[str, bytes]) -> None:
        """Store objects by key in one request, as `put` does."""
        encoded = {key: base64.b64encode(content).decode() for key, content in objects.items()}
        self._control("put", json.dumps(encoded).encode(), bucket=bucket)

    def counts(self) -> dict[str, int]:
        """Return the requests since the last reset: `list`, `get`, and other methods by name."""
        counted: dict[str, int] = json.loads(self._control("counts"))
        return counted

    def reset(self) -> None:
        """Forget the counts and the cuts that are still to come; the objects stay."""
        self._control("reset")

    def cut(self, key: str, times: int) -> None:
        """Cut the connection halfway through the body of the next gets of a key."""
        self._control("cut", key=key, times=str(times))

    def _control(self, action: str, body: bytes = b"", **parameters: str) -> bytes:
        url = f"{self.endpoint}/_control/{action}?{urlencode(parameters)}"
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(url, data=body, timeout=30) as response:
            content: bytes = response.read()
            return content


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server in a process of its own.

    Raises:
        RuntimeError: the process ended before it served; the message holds what it wrote.
    """
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            [sys.executable, "-m", "tests.s3_server"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                log.seek(0)
                raise RuntimeError(f"The S3 server did not start: {log.read()}")
            yield S3Server(f"http://127.0.0.1:{port}")
        finally:
            process.kill()


class Gate:
    """What stands before moto: control requests, signatures, counts and cuts."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._cuts: Counter[str] = Counter()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        target = urlsplit(environ["REQUEST_URI"])
        query = parse_qs(target.query)
        if target.path.startswith("/_control/"):
            action = target.path.removeprefix("/_control/")
            answer = self._control(action, query, _body(environ))
            start_response("200 OK", [("Content-Length", str(len(answer)))])
            return [answer]
        _, _, key = unquote(target.path).lstrip("/").partition("/")
        with self._lock:
            self._counts[_kind(environ["REQUEST_METHOD"], key, query)] += 1
            is_cut = environ["REQUEST_METHOD"] == "GET" and bool(key) and self._cuts[key] > 0
            self._cuts[key] -= is_cut
        refusal = refused_as(environ)
        if refusal is not None:
            return _refuse(refusal, start_response)
        body = self._app(environ, start_response)
        return _half(body) if is_cut else body

    def _control(self, action: str, query: dict[str, list[str]], body: bytes) -> bytes:
        with self._lock:
            if action == "counts":
                return json.dumps(self._counts).encode()
            if action == "reset":
                self._counts.clear()
                self._cuts.clear()
            if action == "cut":
                self._cuts[query["key"][0]] = int(query["times"][0])
            if action == "put":
                _put(query["bucket"][0], json.loads(body))
        return b""


def _kind(method: str, key: str, query: dict[str, list[str]]) -> str:
    if method == "GET" and not key:
        return "list" if query.get("list-type") == ["2"] else "bucket"
    return method.lower()


def _body(environ: "WSGIEnvironment") -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body


def _half(body: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the first half of a body and end the connection, with its full length announced."""
    content = b"".join(body)
    yield content[: len(content) // 2]
    raise ConnectionAbortedError("cut on demand")


def _put(bucket: str, objects: Mapping[str, str]) -> None:
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    if bucket not in backend.buckets:
        backend.create_bucket(bucket, REGION)
    for key, content in objects.items():
        backend.put_object(bucket, key, base64.b64decode(content))


def refused_as(environ: "WSGIEnvironment") -> str | None:
    """Return the error code S3 answers a request with whose signature does not hold, or None.

    The signature is version 4 in the `Authorization` header, computed here from the secret anew.
    """
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    header = environ.get("HTTP_AUTHORIZATION", "")
    if not header.startswith("AWS4-HMAC-SHA256 "):
        return "AccessDenied"
    fields = dict(part.strip().split("=", 1) for part in header.split(" ", 1)[1].split(","))
    access_key, _, region, *_ = fields["Credential"].split("/")
    if access_key not in SECRETS:
        return "InvalidAccessKeyId"
    names = fields["SignedHeaders"].split(";")
    target = urlsplit(environ["REQUEST_URI"])
    query = urlencode(parse_qsl(target.query, keep_blank_values=True), safe="~", quote_via=quote)
    request = AWSRequest(
        method=environ["REQUEST_METHOD"],
        url=f"http://{environ['HTTP_HOST']}{target.path}?{query.replace('/', '%2F')}",
        headers={name: environ[_variable(name)] for name in names},
    )
    request.context["timestamp"] = environ["HTTP_X_AMZ_DATE"]
    signer = S3SigV4Auth(Credentials(access_key, SECRETS[access_key]), "s3", region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    if signer.signature(text, request) != fields["Signature"]:
        return "SignatureDoesNotMatch"
    return None if access_key == OWNER else "AccessDenied"


def _variable(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def _refuse(code: str, start_response: "StartResponse") -> list[bytes]:
    body = f"<Error><Code>{code}</Code><Message>Refused.</Message></Error>".encode()
    start_response(
        "403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
    )
    return [body]


def serve() -> None:
    """Serve until standard input closes."""
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:
            pass

    gate = Gate(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, gate, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve()
