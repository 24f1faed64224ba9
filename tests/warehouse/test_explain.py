"""`lift explain person` over one night: what it shows is what the messages say."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from jobs.cli.app import main
from jobs.config import load_settings
from jobs.nightly.run import nightly
from jobs.publish.run import publish

SETTINGS = """
landing: landing
publish: {publish}
identity: {{max_links: 3}}
exposures: [{{adapter: mutiny}}]
conversions:
  - {{name: signup, trigger: 'type = "track" and event = "Signed Up"', main: true}}
  - {{name: order, trigger: 'type = "track" and event = "Order Completed"',
     value: properties.revenue, currency: properties.currency}}
publication: {{events: {events}}}
"""

HOSTILE = "[red]b'o\"ld[/red] :smile: \x1b[31m"
LONG = "long-" + "x" * 2_000


def _message(message_id: str, at: str, kind: str = "page", **fields: Any) -> dict[str, Any]:
    names = ("userId", "anonymousId", "previousId", "event")
    objects = {
        name: json.dumps(fields[name]) for name in ("traits", "properties") if name in fields
    }
    return {
        "messageId": message_id,
        "type": kind,
        "receivedAt": f"2026-05-{at}.000Z",
        **{name: fields.get(name) for name in names},
        "traits": objects.get("traits", "{}"),
        "properties": objects.get("properties", "{}"),
    }


def _seen(message_id: str, at: str, personalized: bool, **ids: str) -> dict[str, Any]:
    shown = {"experience": "Home", "audienceSegment": "SMB", "personalized": personalized}
    return _message(
        message_id, at, "track", event="Mutiny Experience Viewed", properties=shown, **ids
    )


WEB = [
    _message("landed", "01T08:00:00", anonymousId="a1"),
    _message("visited", "01T08:00:01", "identify", anonymousId="a1",
             traits={"mutinyVisitorId": "v1"}),
    _seen("exposed", "01T08:00:02", True, anonymousId="a1"),
    _message("login", "01T09:00:00", "identify", userId="u1", anonymousId="a1",
             traits={"email": "ada@example.com"}),
    _message("again", "02T09:00:00", userId="u1", anonymousId="a1"),
    _message("phone", "03T09:00:00", "identify", userId="u1", anonymousId="a2"),
    _message("old", "04T09:00:00", userId="u0", anonymousId="a0"),
    _message("alias", "05T09:00:00", "alias", userId="u1", previousId="u0"),
    # Two users of one device, which carries two identifiers.
    _message("shared-visitor", "01T10:00:00", "identify", anonymousId="s1",
             traits={"mutinyVisitorId": "sv"}),
    _seen("shared-before", "01T10:01:00", True, anonymousId="s1"),
    _message("shared-login-5", "01T11:00:00", userId="u5", anonymousId="s1"),
    _seen("shared-between", "02T10:00:00", False, anonymousId="s1"),
    _message("shared-login-6", "02T11:00:00", userId="u6", anonymousId="s1"),
    # A kiosk: more users than max_links.
    *(_message(f"kiosk-{user}", f"0{user}T12:00:00", userId=f"k{user}", anonymousId="kiosk")
      for user in (1, 2, 3, 4)),
    # One value under two types, of two persons.
    _message("same-user", "01T13:00:00", userId="same", anonymousId="b1"),
    _message("same-device", "01T14:00:00", anonymousId="same"),
    _message("hostile", "01T15:00:00", userId=HOSTILE, anonymousId=LONG),
]  # fmt: skip
BACKEND = [
    _message("signup", "01T09:00:05", "track", userId="u1", event="Signed Up"),
    _message("order", "02T09:30:00", "track", userId="u1", event="Order Completed",
             properties={"revenue": 10.5, "currency": "USD"}),
]  # fmt: skip

Explain = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night over those messages, published with, without and beside its events."""
    folder = tmp_path_factory.mktemp("explain")
    for source, messages in (("web", WEB), ("backend", BACKEND)):
        (folder / "landing" / source).mkdir(parents=True)
        pl.DataFrame(messages, infer_schema_length=None).write_parquet(
            folder / "landing" / source / "part.parquet"
        )
    for events in ("table", "parquet", "none"):
        config = folder / f"{events}.yml"
        config.write_text(SETTINGS.format(publish=f"var/{events}", events=events))
        if events == "table":
            nightly(load_settings(config))
        else:
            publish(load_settings(config))
    return folder


@pytest.fixture
def explain(folder: Path, capsys: pytest.CaptureFixture[str]) -> Explain:
    """Run `lift explain person` as a user would, and return what it said."""

    def run(*arguments: str, config: Path = folder / "table.yml", code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["explain", "person", *arguments, "--config", str(config)])
        said = capsys.readouterr()
        assert ended.value.code == code, said.err
        return said.err if code else said.out

    return run


def facts(said: str, kind: str) -> list[dict[str, Any]]:
    """Return the JSON lines of one kind."""
    found = [json.loads(line) for line in said.splitlines()]
    return [fact for fact in found if fact["kind"] == kind]


def section(said: str, title: str) -> str:
    """Return what stands under a title, as one line."""
    lines = said.splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(title))
    inside: list[str] = []
    for line in lines[begin + 1 :]:
        if not line.startswith(" "):
            break
        inside.append(line)
    return " ".join(" ".join(inside).split())


def test_person_head_tells_who_it_is(explain: Explain) -> None:
    head = section(explain("u1"), "Person user_id:u1")
    assert head == (
        "identified email ada@example.com"
        " first seen 2026-05-01 08:00:00 last seen 2026-05-05 09:00:00 (UTC)"
        " 2 user_ids, 3 anonymous_ids, 6 identifiers in all, 1 exposure, 2 conversions"
    )


def test_person_identifiers_hang_on_the_link_that_ties_them(explain: Explain) -> None:
    tree = section(explain("u1"), "Why these are one person")
    assert tree == (
        "user_id:u1 always"
        " user_id:u0 always"
        " alias 2026-05-05 09:00:00 message alias web/part.parquet, row 8"
        " anonymous_id:a0 always"
        " login 2026-05-04 09:00:00 message old web/part.parquet, row 7"
        " anonymous_id:a1 always"
        " login 2026-05-01 09:00:00 message login web/part.parquet, row 4"
        " 2 messages until 2026-05-02 09:00:00"
        " mutiny_visitor_id:v1 always"
        " together 2026-05-01 08:00:01 message visited web/part.parquet, row 2"
        " anonymous_id:a2 always"
        " login 2026-05-03 09:00:00 message phone web/part.parquet, row 6"
    )


def test_person_timeline_tells_exposures_conversions_and_first_logins(explain: Explain) -> None:
    timeline = section(explain("u1"), "Exposures, conversions and first logins")
    assert timeline == (
        "2026-05-01 08:00:02 exposure mutiny / Home / SMB: personalized message exposed"
        " 2026-05-01 09:00:00 login user_id:u1 on anonymous_id:a1 message login"
        " 2026-05-01 09:00:05 conversion signup message signup"
        " 2026-05-02 09:30:00 conversion order 10.5 USD message order"
        " 2026-05-03 09:00:00 login user_id:u1 on anonymous_id:a2 message phone"
        " 2026-05-04 09:00:00 login user_id:u0 on anonymous_id:a0 message old"
    )


@pytest.mark.parametrize("asked", ["v1", "mutiny_visitor_id:v1", "a2", "user_id:u0", "u0"])
def test_person_is_found_by_any_of_its_identifiers(asked: str, explain: Explain) -> None:
    assert "Person user_id:u1" in explain(asked).splitlines()


def test_person_who_never_logged_in_is_anonymous(explain: Explain) -> None:
    said = explain("anonymous_id:same")
    assert "Person anonymous_id:same\n  anonymous  no email\n" in said


def test_other_identifier_of_one_person_shows_the_chain_between_them(explain: Explain) -> None:
    chain = section(explain("v1", "a0"), "mutiny_visitor_id:v1 and anonymous_id:a0 are one person")
    assert chain == (
        "mutiny_visitor_id:v1 -> anonymous_id:a1"
        " together 2026-05-01 08:00:01 message visited web/part.parquet, row 2"
        " anonymous_id:a1 -> user_id:u1"
        " login 2026-05-01 09:00:00 message login web/part.parquet, row 4"
        " 2 messages until 2026-05-02 09:00:00"
        " user_id:u1 -> user_id:u0"
        " alias 2026-05-05 09:00:00 message alias web/part.parquet, row 8"
        " user_id:u0 -> anonymous_id:a0"
        " login 2026-05-04 09:00:00 message old web/part.parquet, row 7"
    )


def test_other_identifier_of_another_person_shows_the_device_they_shared(explain: Explain) -> None:
    said = explain("u5", "u6")
    assert section(said, "user_id:u5 and user_id:u6 are not one person") == (
        "messages connect them, but a device does not merge two users:"
        " user_id:u5 -> anonymous_id:s1"
        " login 2026-05-01 11:00:00 message shared-login-5 web/part.parquet, row 11"
        " anonymous_id:s1 -> user_id:u6"
        " login 2026-05-02 11:00:00 message shared-login-6 web/part.parquet, row 13"
    )
    assert section(said, "anonymous_id:s1 belonged to 2 persons") == (
        "user_id:u5 until 2026-05-01 11:00:00.000001 user_id:u6 from 2026-05-01 11:00:00.000001"
    )


def test_other_identifier_that_nothing_connects_says_so(explain: Explain) -> None:
    assert "no chain of links connects them" in explain("u1", "u5")


def test_other_identifier_beside_the_same_hub_is_not_tied_by_it(explain: Explain) -> None:
    said = explain("k1", "k2")
    assert "are not one person" in said
    assert "only a hub connects them, and a hub merges nobody: anonymous_id:kiosk" in said
    assert "->" not in said


def test_other_identifier_may_not_be_the_same_one(explain: Explain) -> None:
    assert "are the same identifier" in explain("u1", "user_id:u1", code=1)


def test_shared_device_shows_each_person_with_its_interval(explain: Explain) -> None:
    said = explain("sv")
    assert section(said, "mutiny_visitor_id:sv belonged to 2 persons") == (
        "user_id:u5 until 2026-05-01 11:00:00.000001 user_id:u6 from 2026-05-01 11:00:00.000001"
    )
    persons = said.split("\nPerson ")[1:]
    assert [person.splitlines()[0] for person in persons] == ["user_id:u5", "user_id:u6"]
    assert ["message shared-before" in person for person in persons] == [True, False]
    assert ["message shared-between" in person for person in persons] == [False, True]


def test_hub_belongs_to_nobody_and_shows_what_it_stood_beside(explain: Explain) -> None:
    said = explain("kiosk")
    assert "anonymous_id:kiosk belongs to nobody\n  a hub: linked to 4 others" in said
    assert section(said, "Identifiers that share a message with it").startswith(
        "user_id:k1 together 2026-05-01 12:00:00 message kiosk-1 web/part.parquet, row 14"
        " user_id:k2"
    )
    assert "Person" not in said


def test_value_of_two_types_shows_both_persons(explain: Explain) -> None:
    said = explain("same")
    assert "user_id:same belonged to 1 person" in said
    assert "anonymous_id:same belonged to 1 person" in said
    assert "Person user_id:same" in said
    assert "Person anonymous_id:same" in said


def test_value_of_two_types_must_be_typed_to_be_tied(explain: Explain) -> None:
    for pair in (("same", "u1"), ("u1", "same")):
        assert "name one of anonymous_id:same, user_id:same" in explain(*pair, code=1)
    assert "are one person" in explain("user_id:same", "b1")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("nobody-at-all", "No identifier nobody-at-all in the publication"),
        (" KIOSK ", "near it: anonymous_id:kiosk"),
        ("anonymous_id:Kiosk", "near it: anonymous_id:kiosk"),
        ("kiosc", "near it: anonymous_id:kiosk"),
        ("NULL", "it matches identity.blocked, so it identifies nobody"),
        ("ada@example.com", "it is the email of user_id:u1"),
        ("[red]:smile:", "No identifier [red]:smile: in"),
        ("", "No identifier  in the publication"),
    ],
)
def test_unknown_identifier_is_one_sentence_with_what_may_be_meant(
    asked: str, words: str, explain: Explain
) -> None:
    for arguments in ([asked], ["u1", asked]):
        said = explain(*arguments, code=1)
        assert words in said
        assert len(said.splitlines()) == 1


def test_hostile_values_are_shown_as_they_are(explain: Explain) -> None:
    said = explain(f"user_id:{HOSTILE}")
    escaped = HOSTILE.replace("\x1b", "\\x1b")
    assert f"Person user_id:{escaped}\n" in said
    assert f"anonymous_id:{LONG}" in said
    assert "\x1b" not in said
    lines = explain(LONG, "--log-format", "json")
    assert facts(lines, "person")[0]["person_id"] == f"user_id:{HOSTILE}"


def test_json_lines_hold_every_fact(explain: Explain) -> None:
    said = explain("u1", "--log-format", "json")
    (person,) = facts(said, "person")
    assert person["identifier_count"] == 6
    assert person["first_seen_at"] == "2026-05-01T08:00:00"
    assert {fact["id_value"] for fact in facts(said, "identifier")} == {
        "u1", "u0", "a0", "a1", "a2", "v1"
    }  # fmt: skip
    links = facts(said, "link")
    assert len(links) == 5
    assert links[0] == {
        "kind": "link",
        "id_type_a": "user_id", "id_value_a": "u1", "id_type_b": "user_id", "id_value_b": "u0",
        "first_message_id": "alias",
        "first_seen_at": "2026-05-05T09:00:00", "last_seen_at": "2026-05-05T09:00:00",
        "observations": 1, "file": "web/part.parquet", "row_number": 8,
    }  # fmt: skip
    assert [fact["message_id"] for fact in facts(said, "exposure")] == ["exposed"]
    assert [fact["value"] for fact in facts(said, "conversion")] == [None, 10.5]


def test_json_of_a_hub_says_that_it_is_blocked(explain: Explain) -> None:
    said = explain("kiosk", "--log-format", "json")
    (identifier,) = facts(said, "identifier")
    assert (identifier["is_blocked"], identifier["person_id"]) == (True, None)
    assert len(facts(said, "link")) == 4


def test_explain_does_not_wait_for_the_lock(folder: Path, explain: Explain) -> None:
    with (folder / "var" / "warehouse.lock").open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert "Person user_id:u1" in explain("u1")


def test_explain_reads_events_beside_the_publication(folder: Path, explain: Explain) -> None:
    assert explain("u1", config=folder / "parquet.yml") == explain("u1")


def test_explain_without_events_names_messages_but_no_files(folder: Path, explain: Explain) -> None:
    said = explain("u1", config=folder / "none.yml")
    assert "login 2026-05-01 09:00:00  message login  2 messages" in said
    assert "part.parquet" not in said
    assert "Files are not named: the publication has no events." in said
    (link, *_) = facts(explain("u1", "--log-format", "json", config=folder / "none.yml"), "link")
    assert (link["file"], link["row_number"]) == (None, None)


def test_explain_is_also_a_module(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobs.explain", "person", "u1", "--config", "table.yml"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Person user_id:u1" in done.stdout


def test_explain_before_the_first_night_is_one_sentence(tmp_path: Path, explain: Explain) -> None:
    config = tmp_path / "lift.yml"
    config.write_text("landing: landing\n")
    assert "run `lift nightly` first" in explain("u1", config=config, code=1)
