"""The report: what its pages say is what the publication says, and nothing of it is code."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from jobs.config import load_settings
from jobs.errors import UsageError
from jobs.files import OwnFiles
from jobs.report.image import make_images
from jobs.report.run import ReportError, make_report
from tests.report.publications import copy_publication, elements, renamed, repeated, tables

SUBJECTS = {"index.html", "segments.html", "identity.html", "quality.html", "integrations.html"}


@pytest.fixture(scope="module")
def folder(published_sample: Path) -> Path:
    return load_settings(published_sample / "lift.yml").publish / "report"


@pytest.fixture(scope="module")
def con(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(folder.parent / "lift.duckdb"), read_only=True) as con:
        yield con


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def of_experience(folder: Path, name: str) -> Path:
    (page,) = folder.glob(f"experience-{name}-*.html")
    return page


def signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+,.1%}".replace("-", "−")  # noqa: RUF001


def test_report_of_a_night_has_a_page_per_experience_and_subject(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()} - {OwnFiles.LIST}
    assert names == SUBJECTS | {
        of_experience(folder, name).name for name in ("corporate-website", "pricing-page")
    }
    assert {*(folder / OwnFiles.LIST).read_text().split()} == names
    umask = os.umask(0)
    os.umask(umask)
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.html")} == {0o666 & ~umask}


def test_report_of_200_experiences_stays_under_ten_megabytes(folder: Path) -> None:
    pages = [path.stat().st_size for path in folder.glob("experience-*")]
    listed = (folder / "index.html").read_text().split("<tbody>")[1].split("</tbody>")[0]
    overview = len(listed.encode()) / len(pages)
    subjects = sum((folder / name).stat().st_size for name in SUBJECTS)
    assert 200 * (max(pages) + overview) + subjects < 10_000_000


@pytest.mark.parametrize("experience", ["Corporate Website", "Pricing Page"])
def test_report_days_are_those_of_the_publication(
    folder: Path, con: duckdb.DuckDBPyConnection, experience: str
) -> None:
    page = of_experience(folder, experience.lower().replace(" ", "-"))
    shown = tables(page)["Every day"][1:]
    published = con.execute(
        "select control_visitors, control_converters, control_mean, variant_visitors,"
        " variant_converters, variant_mean, lift, running_ci_lower, running_ci_upper,"
        " (running_ci_lower, running_ci_upper)"
        " is distinct from (sequential_ci_lower, sequential_ci_upper)"
        " from fct_experience_lift_daily where experience = ? and is_main"
        " and metric = 'conversion_rate' and audience_segment = '(all)' order by as_of_date",
        [experience],
    ).fetchall()
    # On some days the interval of the day is another one than that of all days so far.
    assert any(differs and low is not None for *_, low, _, differs in published)
    assert [row[1:] for row in shown] == [
        [
            f"{n_c:,}", f"{k_c:,}", f"{m_c:.1%}", f"{n_v:,}", f"{k_v:,}", f"{m_v:.1%}",
            signed(lift), "–" if low is None else f"{signed(low)} to {signed(high)}",  # noqa: RUF001
        ]
        for n_c, k_c, m_c, n_v, k_v, m_v, lift, low, high, _ in published
    ]  # fmt: skip


def test_report_figures_are_those_of_the_publication(
    folder: Path, con: duckdb.DuckDBPyConnection
) -> None:
    page = tables(of_experience(folder, "corporate-website"))
    lifts = con.execute(
        "select is_main, conversion, audience_segment, lift, running_ci_lower,"
        " running_ci_upper, matured_lift, cuped_lift from fct_experience_lift"
        " where experience = 'Corporate Website'"
    ).fetchall()
    everybody = [row for row in lifts if row[2] == "(all)"]
    named = [
        [
            f"{row[1]}{' main' if row[0] else ''}",
            signed(row[3]),
            f"{signed(row[4])} to {signed(row[5])}",
        ]
        for row in everybody
    ]
    shown = [[row[0], row[4], row[6]] for row in page["Every conversion and metric"][1:]]
    assert sorted(shown) == sorted(named)
    otherwise = [[row[0], row[4], row[6]] for row in page["All, matured and adjusted figures"][1:]]
    assert sorted(otherwise) == sorted(
        [row[1], signed(row[6]), signed(row[7])] for row in everybody
    )
    segments = {row[0] for row in page["Audience segments"][1:]}
    assert segments == {row[2] for row in lifts if row[2] != "(all)"} | {"Everybody"}


def test_report_funnel_ends_in_the_counted_conversions(
    folder: Path, con: duckdb.DuckDBPyConnection
) -> None:
    page = tables(of_experience(folder, "corporate-website"))
    head, *steps = page["What became of each conversion"]
    for place, conversion in enumerate(head[1:], 1):
        column = [int(row[place].replace(",", "").replace("−", "-")) for row in steps]  # noqa: RUF001
        assert sum(column[:-1]) == column[-1]
        counted = con.execute(
            "select count(*) from fct_conversion_outcomes where experience = 'Corporate Website'"
            " and audience_segment = '(all)' and outcome = 'counted' and conversion = ?",
            [conversion],
        ).fetchall()
        assert [(column[-1],)] == counted
    landed = con.execute("select conversion, raw from rpt_vendor_reconciliation").fetchall()
    assert dict(zip(head[1:], steps[0][1:], strict=True)) == {
        name: f"{raw:,}" for name, raw in landed
    }


def test_report_sizes_of_segments_end_at_the_published_size(
    folder: Path, con: duckdb.DuckDBPyConnection
) -> None:
    page = tables(folder / "segments.html")
    for segment, origin, size, joined, left in con.execute(
        "select user_segment, origin, current_size, entered_last_day, left_last_day"
        " from dim_user_segments"
    ).fetchall():
        days = page[f"Days of {segment}, {origin}"][1:]
        assert len(days) == 30
        assert days[-1][1] == f"{size:,}"
        assert (joined, left) != (None, None)


def test_report_is_the_same_for_the_same_publication(
    published_sample: Path, folder: Path, tmp_path: Path
) -> None:
    settings = copy_publication(published_sample, tmp_path)
    made = make_report(settings)
    assert made.written == made.pages
    assert bytes_of(made.index.parent) == bytes_of(folder)
    times = {path: path.stat().st_mtime_ns for path in made.index.parent.iterdir()}
    assert make_report(settings).written == 0
    assert {path: path.stat().st_mtime_ns for path in made.index.parent.iterdir()} == times


def test_report_replaces_and_removes_its_own_pages_alone(
    published_sample: Path, tmp_path: Path
) -> None:
    settings = copy_publication(published_sample, tmp_path / "a")
    folder = settings.publish / "report"
    folder.mkdir()
    (folder / "index.html").write_text("somebody's")
    with pytest.raises(ReportError, match=r"index\.html would be replaced"):
        make_report(settings)
    assert [path.name for path in folder.iterdir()] == ["index.html"]
    (folder / "index.html").rename(folder / "mine.html")
    make_report(settings)
    unchanged = bytes_of(folder)
    with duckdb.connect(str(settings.publish / "lift.duckdb")) as con:
        for statement in renamed("Pricing Page", "Prices"):
            con.execute(statement)
    make_report(settings)
    assert (folder / "mine.html").read_text() == "somebody's"
    assert not list(folder.glob("experience-pricing-page-*"))
    assert of_experience(folder, "prices").name in (folder / "index.html").read_text()
    kept = of_experience(folder, "corporate-website")
    assert kept.read_bytes() == unchanged[kept.name]


def test_report_lists_what_changed_since_the_last_publication_first(
    published_sample: Path, tmp_path: Path
) -> None:
    settings = copy_publication(published_sample, tmp_path / "now")
    before = copy_publication(
        published_sample,
        tmp_path / "before",
        ["update fct_experience_lift set status = 'loser' where experience = 'Pricing Page'"],
    )
    generations = settings.publish / "generations"
    generations.mkdir()
    shutil.copy(before.publish / "lift.duckdb", generations / f"lift-{1:020d}.duckdb")
    make_report(settings)
    _, first, second = tables(settings.publish / "report" / "index.html")["Experiences"]
    assert (first[0], first[-2]) == ("Pricing Page", "was: Control wins")
    assert (second[0], second[-2]) == ("Corporate Website", "unchanged")


NAMES = (
    "<script>hacked = 1</script>",
    "../../x",
    "'; drop table fct_experience_lift; --\" onload=\"hacked = 1",
    "</style></script><img src=x onerror=hacked=1>",
    "abc\u202egnp.exe",
    "{{ 7 * 7 }} {% raise %}",
    "long " * 400,
    "\u4f60\u597d",
    "pRICING pAGE",
    "a\nb\tc",
)  # fmt: skip


def test_report_names_of_the_data_are_text(published_sample: Path, tmp_path: Path) -> None:
    settings = copy_publication(published_sample, tmp_path, repeated("Pricing Page", NAMES))
    made = make_report(settings)
    assert made.pages == len(SUBJECTS) + 2 + len(NAMES)
    names = [path.name for path in made.index.parent.glob("*.html")]
    assert len({name.casefold() for name in names}) == made.pages
    assert all(re.fullmatch(r"[a-z0-9-]{5,70}\.html", name) for name in names)
    assert {path.name for path in settings.publish.iterdir()} == {"lift.duckdb", "report"}
    script = (made.index.read_text().split("<script>")[1]).split("</script>")[0]
    for page in made.index.parent.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"<script.*?>(.*?)</script>", text, re.DOTALL) == [script]
        assert not {
            (tag, name) for tag, name in elements(page) if tag == "img" or name.startswith("on")
        }
        assert "\u202e" not in text
    shown = {row[0] for row in tables(made.index)["Experiences"][1:]}
    assert {"<script>hacked = 1</script>", "{{ 7 * 7 }} {% raise %}", "pRICING pAGE"} <= shown


def test_report_of_an_empty_publication_says_so(published_sample: Path, tmp_path: Path) -> None:
    published = load_settings(published_sample / "lift.yml").publish / "lift.duckdb"
    with duckdb.connect(str(published), read_only=True) as con:
        names = con.execute("select table_name from duckdb_tables()").fetchall()
    settings = copy_publication(
        published_sample, tmp_path, [f"delete from {table}" for (table,) in names]
    )
    made = make_report(settings)
    assert made.pages == len(SUBJECTS)
    for name in SUBJECTS:
        text = (made.index.parent / name).read_text()
        assert "Nothing published yet" in text, name
        assert "None" not in text


def test_report_image_shows_the_verdict(published_sample: Path, tmp_path: Path) -> None:
    settings = copy_publication(published_sample, tmp_path / "company")
    (tmp_path / "images").mkdir()
    (image,) = make_images(settings, "Corporate Website", tmp_path / "images")
    assert [path.name for path in image.parent.iterdir()] == [image.name]
    content = image.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(content) > 20_000
    with pytest.raises(UsageError, match="did you mean Corporate Website"):
        make_images(settings, "Corporate Websit", tmp_path)
