"""A landing folder set too deep, too high or to nothing is named before the first message."""

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.errors import LandingFolderError
from ingest.run import ingest_landing
from ingest.storage.landing import LandedFile, Listing
from ingest.storage.landing_folder import check_landing_folder
from ingest.storage.paths import recognise
from tests.unit.ingest.conftest import Landing, message

LOG = "segment-logs/wK3sQ/1777593600000/x.gz"
LAKE = "segment-data/data/web/segment_type=order/day=2026-05-01/hr=13/x.parquet"
RAW = "export/web/a.parquet"
RAW_BY_DAY = "export/web/day=2026-05-01/a.parquet"


def listing(*paths: str) -> Listing:
    """What a listing of these paths is."""
    found = {path: recognise(path) for path in paths}
    files = [
        LandedFile(path, of[1], of[0], of[2], 1, datetime(2026, 5, 1))
        for path, of in found.items()
        if of
    ]
    return Listing(files, [path for path, of in found.items() if not of])


def refusal(landing: str, *paths: str, sources: tuple[str, ...] = ()) -> str:
    with pytest.raises(LandingFolderError) as raised:
        check_landing_folder(landing, listing(*paths), sources)
    return str(raised.value)


@pytest.mark.parametrize("root", ["/data", "s3://bucket", "gs://bucket/a b", "/"])
@pytest.mark.parametrize(
    ("whole", "up", "down"),
    [
        (RAW, 1, 2),
        (RAW_BY_DAY, 1, 2),
        (RAW_BY_DAY, 1, 3),
        (LOG, 1, 2),
        (LOG, 1, 3),
        (LAKE, 2, 3),
        (LAKE, 2, 4),
        (LAKE, 2, 5),
    ],
)
def test_landing_folder_too_deep_names_the_one_above(
    root: str, whole: str, up: int, down: int
) -> None:
    folders = whole.split("/")
    landing = "/".join([root.rstrip("/"), *folders[:down]])
    found = refusal(landing, "/".join(folders[down:]))
    assert found.startswith(f"{landing} is not the folder of an export: looked for ")
    assert f"found {'/'.join(folders[down:])};" in found
    assert found.endswith("; set it to " + "/".join([root.rstrip("/"), *folders[:up]]))


@pytest.mark.parametrize("root", ["/data", "/data/", "s3://bucket"])
@pytest.mark.parametrize(
    ("paths", "sources", "below"),
    [
        ([RAW_BY_DAY], (), "export"),
        ([RAW_BY_DAY, "export/app/day=2026-05-01/a.parquet"], (), "export"),
        ([f"a/b/{RAW_BY_DAY}"], (), "a/b/export"),
        ([RAW], ("web",), "export"),
        ([RAW, "export/app/a.parquet"], ("web", "app"), "export"),
    ],
)
def test_landing_folder_too_high_names_the_one_below(
    root: str, paths: list[str], sources: tuple[str, ...], below: str
) -> None:
    assert refusal(root, *paths, sources=sources).endswith(
        f"; set it to {root.rstrip('/')}/{below}"
    )


@pytest.mark.parametrize(
    ("paths", "sources"),
    [
        ([RAW], ()),
        (["web/a.parquet"], ()),
        (["web/a.parquet", RAW_BY_DAY], ()),
        (["web/2026/05/01/a.parquet"], ()),
        (["web/day=2026-05-01/a.parquet"], ("other",)),
        (["web/part/a.parquet"], ("web", "part")),
        (["2026/a.parquet"], ("2026",)),
        (["eu/web/day=2026-05-01/a.parquet", "us/web/day=2026-05-01/a.parquet"], ()),
        ([f"a/b/{LOG}"], ()),
        ([f"a/b/{LAKE}"], ("web",)),
    ],
)
def test_landing_folder_that_may_be_right_is_taken(
    paths: list[str], sources: tuple[str, ...]
) -> None:
    check_landing_folder("/data", listing(*paths), sources)


@pytest.mark.parametrize(
    ("paths", "found"),
    [([], "no files"), (["b.csv", "a.csv", "c/d.json"], "a.csv and 2 more")],
)
def test_landing_folder_without_an_export_says_what_belongs_there(
    paths: list[str], found: str
) -> None:
    assert refusal("/data/empty", *paths) == (
        "/data/empty is not the folder of an export: looked for <source>/….parquet,"
        " segment-logs/<source>/<day>/….gz and <source>/segment_type=…/….parquet,"
        f" found {found}; set it to the folder that holds a folder for each source"
    )


def test_landing_folder_is_doubted_only_before_the_first_message(
    landing: Landing, tmp_path: Path
) -> None:
    with pytest.raises(LandingFolderError):
        landing.ingest()
    assert landing.rows("select count(*) from raw.files") == [0]
    written = landing.write("web/a.parquet", [message()])
    landing.ingest()
    written.unlink()
    assert landing.ingest().vanished == ("web/a.parquet",)
    empty = tmp_path / "other"
    empty.mkdir()
    assert ingest_landing(landing.con, empty, {}).files_listed == 0


def test_landing_folder_too_deep_stages_nothing(landing: Landing) -> None:
    """Before, the day was taken for the source."""
    landing.write("web/day=2026-05-01/a.parquet", [message()])
    con = duckdb.connect()
    with pytest.raises(LandingFolderError, match=f"set it to {landing.folder}$"):
        ingest_landing(con, landing.folder / "web", {})
    assert con.execute("select count(*) from raw.messages").fetchall() == [(0,)]
