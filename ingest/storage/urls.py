"""The URL of a landing zone in object storage, and the variables its credentials come from.

The library's own `parse_scheme` and `from_url` are not enough: they drop a user, a port and a query
string without an error, and decode `%` in a prefix, which then names another folder.
"""

import re
from dataclasses import dataclass

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_UNREADABLE_NAME = re.compile(r"(^|/)(\.{0,2})(/|$)|[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Scheme:
    """The variables a scheme's credentials and endpoint are read from, the usual ones first."""

    credentials: str
    endpoints: tuple[str, ...]


SCHEMES = {
    "s3": Scheme(
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"),
    ),
    "gs": Scheme("GOOGLE_APPLICATION_CREDENTIALS", ("GOOGLE_BASE_URL",)),
    "az": Scheme(
        "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
        ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
    ),
}


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """A URL's parts: `prefix` has no slash at its ends and is taken as written, undecoded."""

    scheme: str
    bucket: str
    prefix: str

    def __str__(self) -> str:
        """Return the URL without a slash at its end."""
        return f"{self.scheme}://{self.bucket}/{self.prefix}".rstrip("/")


def parse_url(url: str) -> StoreUrl:
    """Take `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix` apart.

    Raises:
        ValueError: the URL is none of these, or holds credentials; what it holds is not repeated.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        raise ValueError("the URL has no scheme of object storage; write s3://, gs:// or az://")
    authority, _, path = rest.partition("/")
    if re.search(r"[:@]", authority) or "?" in rest:
        raise ValueError(
            "the URL holds a user, a port or a query string; write the bucket and prefix alone,"
            f" and set {SCHEMES[scheme].credentials} in the environment"
        )
    if not _BUCKET.fullmatch(authority):
        raise ValueError(f"the URL names no bucket; write {scheme}://bucket/prefix")
    prefix = path.removesuffix("/")
    if prefix and _UNREADABLE_NAME.search(prefix):
        raise ValueError(
            "the URL's prefix holds an empty name, '.', '..' or a control character;"
            f" write {scheme}://bucket/prefix"
        )
    return StoreUrl(scheme, authority, prefix)
