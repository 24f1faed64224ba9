"""Every mistake in `lift.yml` is one sentence with file, line and key, and all come at once."""

from pathlib import Path

import pytest

from jobs.config import Problem, SettingsError, load_settings


def problems(text: str) -> list[str]:
    Path("lift.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(Path("lift.yml"))
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LIFT_HASH_KEY", raising=False)


# Blocks of lines for `lift.yml` below `landing: landing`, and of the mistakes in them.
CASES = [
    [line for line in block.splitlines() if not line.startswith("# ")]
    for block in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split("\n\n")
]


@pytest.mark.parametrize("lines", [lines for lines in CASES if lines], ids=lambda lines: lines[0])
def test_mistake_names_file_line_key_fact_and_remedy(lines: list[str]) -> None:
    text = "\n".join(line for line in lines if not line.startswith("> "))
    expected = [f"lift.yml:{line[2:]}" for line in lines if line.startswith("> ")]
    assert problems(f"landing: landing\n{text}\n") == expected


def test_a09_s05_a_key_of_a_vendor_is_refused_and_never_repeated() -> None:
    [problem] = problems("landing: x\ndestinations: {mutiny: {api_key: abc123}}\n")
    assert problem == (
        "lift.yml:2: destinations.mutiny.api_key is not needed, because this job never calls a"
        " vendor; remove it"
    )


def test_a13_a27_a38_two_active_integrations_name_the_one_to_deactivate() -> None:
    both = "{conversion_integration: [segment, google_analytics]}"
    [problem] = problems(f"landing: x\ndestinations: {{abmatic: {both}}}\n")
    assert problem.endswith("deactivate google_analytics first")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "lift.yml:1: landing is missing; add it"),
        ("landing:\n", "lift.yml:1: landing must be a path, not null; name a file or folder"),
        (
            "landing: https://x/y\n",
            "lift.yml:1: landing cannot begin with https://; write a folder",
        ),
        ("- a\n- b\n", "lift.yml:1: the file is not a mapping; write"),
        ("landing: x\nsources: {web: [\n", "lift.yml:3: the YAML is invalid at column 1: "),
        (
            "landing: x\nb: c: d\n",
            "lift.yml:2: the YAML is invalid at column 5: mapping values are not allowed",
        ),
        (
            "landing: x\n---\nlanding: y\n",
            "lift.yml:2: the YAML is invalid at column 1: but found another",
        ),
        ("landing: \x07\n", "lift.yml:1: the YAML is invalid: unacceptable character #x0007"),
        ("a: " + "[" * 3_000, "lift.yml:1: the YAML is nested too deeply"),
    ],
)
def test_file_that_is_no_configuration(text: str, expected: str) -> None:
    found = problems(text)
    assert found[0].startswith(expected)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://AKIA123:abc/123@bucket/x", "write the bucket and prefix alone, and set AWS_ACCESS_"),
        ("s3://abc123@bucket", "write the bucket and prefix alone, and set AWS_ACCESS_KEY_ID"),
        (
            "az://box/x?sv=1&sig=abc123",
            "query string; write the bucket and prefix alone, and set A",
        ),
        ("gs://bucket?token=abc123", "set GOOGLE_APPLICATION_CREDENTIALS in the environment"),
        ("s3://bucket:9000/abc123", "a port or a query string"),
        ("s3:///abc123", "names no bucket; write s3://bucket/prefix"),
        ("s3://abc 123/x", "names no bucket"),
        ("az://box/abc//123", "an empty name, '.', '..' or a control character"),
        ("gs://box/../abc123", "write gs://bucket/prefix"),
        (
            "ftp://abc123@host/x",
            "cannot begin with ftp://; write a folder or an s3://, gs:// or az",
        ),
        ("http://host/x?abc123", "cannot begin with http://; write a folder or an s3://, gs:// or"),
    ],
)
def test_landing_url_holds_bucket_and_prefix_alone(url: str, message: str) -> None:
    found = problems(f"landing: '{url}'\n")
    assert len(found) == 1
    assert found[0].startswith("lift.yml:1: landing ")
    assert message in found[0]
    assert "abc" not in found[0]
    assert "AKIA123" not in found[0]


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("AWS_ENDPOINT_URL", "s3://bucket"),
        ("AWS_ENDPOINT_URL_S3", "s3://bucket"),
        ("GOOGLE_BASE_URL", "gs://bucket"),
        ("AZURE_STORAGE_ENDPOINT", "az://bucket"),
    ],
)
@pytest.mark.parametrize("endpoint", ["", "minio:9000", "http://me:abc123@minio", "ftp://minio"])
def test_endpoint_of_the_landing_zone_is_a_url(
    monkeypatch: pytest.MonkeyPatch, variable: str, url: str, endpoint: str
) -> None:
    monkeypatch.setenv(variable, endpoint)
    assert problems(f"landing: {url}\n") == [
        f"lift.yml:1: landing is read through {variable}, whose value is not a URL;"
        " set it to one such as https://storage.example.com, or unset it"
    ]


def test_missing_file_names_the_remedy() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(Path("nowhere.yml"))
    assert str(caught.value) == (
        "nowhere.yml: the file does not exist; run `lift demo DIR` to write one, or pass `--config`"
    )


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_file_that_is_not_utf_8() -> None:
    Path("lift.yml").write_bytes(b"landing: caf\xe9\n")
    with pytest.raises(SettingsError, match="byte 13 of the file is not UTF-8"):
        load_settings(Path("lift.yml"))


def test_problem_without_key_and_line() -> None:
    assert str(Problem("lift.yml", None, "", "is empty")) == "lift.yml: is empty"
    assert str(Problem("lift.yml", 3, "a.b", "is missing")) == "lift.yml:3: a.b is missing"
