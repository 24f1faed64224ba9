"""Objects below a URL of S3, Google Cloud Storage or Azure: one listing, and fetching them whole.

Credentials, region and endpoint come from the environment, which the library reads itself; no
error repeats them: of what a store answers, only status and error code are shown.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.exceptions import BaseError, InvalidPathError
from obstore.store import AzureStore, GCSStore, S3Store

from ingest.storage.urls import SCHEMES, parse_url

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta
    from obstore.store import ClientConfig, RetryConfig

log = logging.getLogger(__name__)

CHUNK_BYTES = 4 * 1024 * 1024
PAGE_OBJECTS = 1000  # what S3 and Google answer at once

# A read that stalls for a minute, or breaks off, goes on where it was: three times at most.
_RETRY: "RetryConfig" = {
    "max_retries": 3,
    "retry_timeout": timedelta(hours=1),
    "backoff": {
        "init_backoff": timedelta(milliseconds=200),
        "max_backoff": timedelta(seconds=5),
        "base": 3,
    },
}
_CLIENT: "ClientConfig" = {
    "allow_http": True,  # where the endpoint in the environment begins with http:// alone
    "connect_timeout": "5s",
    "read_timeout": "60s",
    "timeout": "2h",
}

_NO_CREDENTIALS = re.compile(
    r"token request|/latest/api/token|/latest/meta-data/|Missing (AccessKeyId|SecretAccessKey)"
    r"|Account must be specified|Invalid Access Key|service account file|://169\.254\."
)
_OTHER_REGION = ("AuthorizationHeaderMalformed", "PermanentRedirect")
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound")
_BAD_CREDENTIALS = (
    "AuthenticationFailed",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
)


class ObjectStoreError(Exception):
    """The store cannot be listed, or an object not be read; one sentence without any secret."""


class MissingObjectError(ObjectStoreError):
    """There is no object at the path, as after a deletion since the listing."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object as a listing or its own answer describes it.

    `path` is relative to the store's URL with forward slashes; `size` is in bytes; `modified_at` is
    UTC without offset, in whole seconds; `etag` has no quotes.
    """

    path: str
    size: int
    modified_at: datetime
    etag: str | None


class ObjectStore:
    """The objects below a URL. Any number of threads may use one store at once."""

    def __init__(self, url: str) -> None:
        """Prepare for a URL; no request is made.

        Raises:
            ObjectStoreError: the URL, the endpoint or the credentials cannot be right.
        """
        try:
            self._url = parse_url(url)
        except ValueError as error:
            raise ObjectStoreError(f"The landing zone cannot be opened: {error}.") from None
        self._scheme = SCHEMES[self._url.scheme]
        make = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}[self._url.scheme]
        with self._explained(f"{self._url} cannot be opened"):
            self._store: S3Store | GCSStore | AzureStore = make(
                self._url.bucket,
                prefix=self._url.prefix or None,
                client_options=_CLIENT,
                retry_config=_RETRY,
            )

    def list_objects(self) -> list[StoredObject]:
        """Return every object below the URL, ordered by path, with one request per 1,000.

        Markers of folders are left out. A key the library cannot read (`a//b`, `a/../b`) costs
        requests folder by folder, and is logged along with what it hides.

        Raises:
            ObjectStoreError: the bucket cannot be listed.
        """
        found: dict[str, ObjectMeta] = {}
        with self._explained(f"{self._url} cannot be listed"):
            for meta in self._listed(""):
                if meta["size"] or meta["path"] not in found:
                    found[meta["path"]] = meta
            if not found:
                self._refuse_what_is_no_store()
        # The library cuts the slash off a marker's key: only what is below it shows that it is one.
        folders = {""}
        for path in found:
            folders.update(path[: match.start()] for match in re.finditer("/", path))
        return [
            _stored(meta)
            for path, meta in sorted(found.items())
            if meta["size"] or path not in folders
        ]

    def fetch(self, path: str, target: Path) -> tuple[StoredObject, str]:
        """Copy an object to a file and return what was read, and the SHA-256 of its bytes.

        One request; when the connection breaks off, the rest of the same version is asked for. The
        file appears whole or not at all; memory holds a chunk of a few MiB.

        Raises:
            MissingObjectError: there is no such object.
            ObjectStoreError: the object cannot be read to its end.
            OSError: the file cannot be written.
        """
        what = f"{self._url}/{path} cannot be read"
        with self._explained(what):
            result = self._store.get(path)
            announced = _stored(result.meta)
        part = target.with_name(f"{target.name}.part")
        digest = hashlib.sha256()
        size = 0
        try:
            with part.open("wb") as stream:
                for chunk in self._chunks(result, what):
                    stream.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
            if size != announced.size:
                raise ObjectStoreError(f"{what}: {size} of {announced.size} bytes came; run again.")
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return announced, digest.hexdigest()

    def _chunks(self, result: "GetResult", what: str) -> Iterator[bytes]:
        with self._explained(what):
            yield from result.stream(CHUNK_BYTES)

    def _listed(self, folder: str) -> "Iterable[ObjectMeta]":
        """List a folder with all below it; one unreadable key spoils a page of 1,000 others."""
        try:
            return self._pages(folder)
        except InvalidPathError:
            return self._listed_around(folder)

    def _pages(self, folder: str, offset: str | None = None) -> "list[ObjectMeta]":
        pages = self._store.list(folder or None, offset=offset, chunk_size=PAGE_OBJECTS)
        return [meta for page in pages for meta in page]

    def _listed_around(self, folder: str) -> "Iterator[ObjectMeta]":
        """List a folder's files and each folder in it, to lose no more than an unreadable one."""
        try:
            level = self._store.list_with_delimiter(folder or None)
        except InvalidPathError:
            # Empty names, `.` and `..` sort before "0": a listing may begin behind them.
            log.warning(
                "%s: a key there has an empty name or '..' in it; rename it: names that begin with"
                " a character before '0' were left out",
                f"{self._url}/{folder}".rstrip("/"),
            )
            yield from self._pages(folder, f"{folder}/0".lstrip("/"))
            return
        yield from level["objects"]
        for inner in level["common_prefixes"]:
            if inner not in ("", folder):
                yield from self._listed(inner)

    def _refuse_what_is_no_store(self) -> None:
        """Tell an empty bucket from a web page, which the library takes for an empty listing."""
        try:
            self._store.head(".lift-is-this-a-store")
        except (BaseError, FileNotFoundError):
            return
        raise ObjectStoreError(
            f"{self._url} cannot be listed: the endpoint does not answer as an object store does;"
            f" check {self._scheme.endpoints[0]}."
        )

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Turn what the library raises into one sentence; its own text may hold credentials."""
        try:
            yield
        except (BaseError, FileNotFoundError, ValueError) as error:
            text = str(error).partition("\n\nDebug source")[0]
            code = _found(r"<Code>(\w{1,64})</Code>", text)
            if isinstance(error, FileNotFoundError) and code not in _NO_BUCKET:
                raise MissingObjectError(f"{what}: it is not there any more; run again.") from None
            raise ObjectStoreError(f"{what}: {self._reason(text, code)}.") from None
        except BaseException as error:
            # When the library breaks down, it raises a type of its own that is not an Exception.
            if type(error).__name__ != "PanicException":
                raise
            endpoint = self._scheme.endpoints[0]
            raise ObjectStoreError(f"{what}: the library broke down; check {endpoint}.") from None

    def _reason(self, text: str, code: str | None) -> str:
        """Return what a message of the library means and what to do, repeating next to nothing."""
        status = _found(r"status code: (\d{3})", text)
        answer = " ".join(part for part in (status, code) if part)
        key = _found(r'(?s)[Pp]ath "(.*?)"(?: contained|: Encountered)', text)
        host = urlsplit(_found(r" (https?://\S+)", text) or "").netloc.rpartition("@")[2]
        credentials, endpoint = self._scheme.credentials, self._scheme.endpoints[0]
        reasons = (
            (key, f"the library cannot read the key {json.dumps(key)}; rename that object"),
            (
                _NO_CREDENTIALS.search(text),
                f"no usable credentials were found; set {credentials} in the environment",
            ),
            (
                code in _OTHER_REGION or "configured region" in text,
                "the bucket lies in another region; set AWS_REGION to it",
            ),
            (
                code in _BAD_CREDENTIALS,
                f"the credentials are refused ({answer}); correct {credentials}",
            ),
            (
                status in ("401", "403"),
                f"access is denied ({answer}); allow listing the bucket and reading its objects",
            ),
            (
                status == "404",
                f"there is no {self._url.bucket} ({answer}); create it or correct the URL",
            ),
            (status, f"the store answers {answer}; run again later"),
            (
                "sending request" in text,
                f"{host} cannot be reached; check the network and {endpoint}",
            ),
            ("response body" in text, "the connection broke off again and again; run again later"),
            (True, f"the answer is not that of an object store; check {endpoint}"),
        )
        return next(reason for applies, reason in reasons if applies)


def _stored(meta: "ObjectMeta") -> StoredObject:
    etag = meta["e_tag"]
    return StoredObject(
        path=meta["path"],
        size=meta["size"],
        modified_at=meta["last_modified"].astimezone(UTC).replace(microsecond=0, tzinfo=None),
        etag=etag.removeprefix("W/").strip('"') if etag else None,
    )


def _found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match[1] if match else None
