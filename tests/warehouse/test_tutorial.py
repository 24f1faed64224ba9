"""The tutorial, as somebody follows it: block by block, against a bucket with the sample."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from tests.here import Here
from tests.s3_server import s3_server

ROOT = Path(__file__).parents[2]
LANDING = ROOT / "data" / "sample" / "landing"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# What comes before the first command of ours: how it is installed and who pays for the bucket.
OF_OTHERS = ("make ", "pipx ", "uv ", "export ")


def test_tutorial_leads_from_a_bucket_to_the_verdict_that_it_shows(
    tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "tutorial.md").read_text()
    said = ""
    ran = []
    with s3_server() as server:
        files = [path for path in LANDING.rglob("*") if path.is_file()]
        objects = {f"segment/{path.relative_to(LANDING)}": path.read_bytes() for path in files}
        server.put_all("exports", objects)
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        for language, block in BLOCK.findall(page):
            if language == "yaml":
                (tmp_path / "lift.yml").write_text(block)
            elif language == "sql":
                path = tmp_path / "var" / "published" / "lift.duckdb"
                with duckdb.connect(str(path), read_only=True) as con:
                    for statement in duckdb.extract_statements(block):
                        assert con.execute(statement).fetchall()
            elif language == "sh":
                for line in block.splitlines():
                    if not line.startswith(OF_OTHERS):
                        ran.append(line)
                        done = here(*_words(line), folder=tmp_path)
                        assert done.returncode == 0, done.stderr
                        said = done.stdout
            else:
                assert said.strip() == block.strip()
    assert ran[:2] == ["lift nightly", "lift results"]


def _words(line: str) -> list[str]:
    assert line.startswith("lift ")
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', line[5:])]
