"""Alerts against a server on this machine: what arrives, and what a night never waits for."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from jobs.alerts import run as alerts
from jobs.alerts.run import alert_of_failure, alert_of_night
from jobs.errors import JobError
from jobs.nightly.run import nightly
from jobs.publish.run import publish
from jobs.stopping import Stopped
from jobs.warehouse import run_lock
from tests.unit.jobs.made_warehouse import Made

LIFT = "publication.main.fct_experience_lift"
SECRET = "T0KEN"


class Server:
    """What it received: the method and the path of each request, and its JSON."""

    def __init__(self) -> None:
        received: list[tuple[str, str, Any]] = []
        self.received = received
        self.answer = 200
        server = self
        self.released = Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                received.append((self.command, self.path, json.loads(body) if body else None))
                if "/slow" in self.path:
                    server.released.wait()
                self.send_response(server.answer)
                self.end_headers()

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/{SECRET}"
        Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self.http.shutdown()
        self.http.server_close()

    @property
    def texts(self) -> list[str]:
        return [alert["text"] for method, _, alert in self.received if method == "POST"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server()
    monkeypatch.setenv("HOOK", f"{server.url}/hook")
    monkeypatch.setenv("PING", f"{server.url}/ping")
    yield server
    server.close()


@pytest.fixture
def made(tmp_path: Path, server: Server) -> Made:
    """A publication, and one before it in which one verdict was another one."""
    made = Made(tmp_path, alerts={"webhook_env": "HOOK", "ping_env": "PING"})
    common = {
        "vendor": "mutiny", "experience": "Home <!channel> & co", "audience_segment": "(all)",
        "conversion": "signup", "is_main": True, "metric": "conversion_rate", "lift": 0.5,
        "status": "inconclusive",
    }  # fmt: skip
    made.add(
        "fct_experience_lift",
        common | {"variant": "v1"},
        common | {"variant": "v2"},
        common | {"variant": "v1", "metric": "conversions_per_visitor"},
        common | {"variant": "v1", "conversion": "order", "is_main": False},
    )
    finding = {
        "check_name": "region_mismatch", "severity": "error", "subject": "mutiny",
        "detail": "sent to the US", "remedy": "Set the region.", "finding_count": 3,
    }  # fmt: skip
    made.add("dq_findings", finding, finding | {"severity": "warning", "check_name": "no_person"})
    publish(made.settings)
    made.do(f"update {LIFT} set status = 'winner' where variant = 'v1'")
    made.do(f"update {LIFT} set status = 'insufficient_data' where variant = 'v2'")
    publish(made.settings)
    return made


def test_night_alerts_of_error_findings_and_changed_main_verdicts_and_pings(
    made: Made, server: Server
) -> None:
    alert_of_night(made.settings, made.publication, "run-1")
    assert sorted((method, path) for method, path, _ in server.received) == [
        ("GET", f"/{SECRET}/ping"),
        ("POST", f"/{SECRET}/hook"),
        ("POST", f"/{SECRET}/hook"),
    ]
    sent = {alert["kind"]: alert for _, _, alert in server.received if alert}
    assert sent["error"]["text"] == (
        "segment-lift: 1 finding of severity error; run `lift doctor`\n"
        "region_mismatch (mutiny): sent to the US"
    )
    assert [finding["check_name"] for finding in sent["error"]["findings"]] == ["region_mismatch"]
    assert sent["verdict"]["text"] == (
        "segment-lift: 1 verdict changed\n"
        "Home &lt;!channel&gt; &amp; co, (all), v1: Personalized wins at +50.0%;"
        " before: No verdict yet"
    )
    [verdict] = sent["verdict"]["verdicts"]
    assert (verdict["experience"], verdict["status"]) == ("Home <!channel> & co", "winner")
    assert {alert["run_id"] for alert in sent.values()} == {"run-1"}


def test_night_alerts_only_of_what_is_listed_and_says_nothing_without_addresses(
    made: Made, server: Server
) -> None:
    made.configure(alerts={"webhook_env": "HOOK", "on": ["verdict"]})
    alert_of_night(made.settings, made.publication, "run-1")
    made.configure()
    alert_of_night(made.settings, made.publication, "run-1")
    assert [alert["kind"] for _, _, alert in server.received] == ["verdict"]


def test_failed_night_alerts_with_its_sentence_and_does_not_ping(
    made: Made, server: Server
) -> None:
    with run_lock(made.settings), pytest.raises(JobError, match="Another run"):
        nightly(made.settings)
    [(method, path, alert)] = server.received
    assert (method, path, alert["kind"]) == ("POST", f"/{SECRET}/hook", "failure")
    assert alert["text"].startswith("segment-lift: The night failed: Another run holds ")


def test_stopped_night_is_no_failure(made: Made, server: Server) -> None:
    with pytest.raises(Stopped), alert_of_failure(made.settings):
        raise Stopped(15)
    assert server.received == []


def _closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"{{server}}/slow/{SECRET}", "The address in HOOK did not answer within 0 s"),
        ("{server}/500", "The address in HOOK answered with 500"),
        (f"{{closed}}/{SECRET}", "The address in HOOK was not reached (ConnectionRefusedError)"),
        (f"file:///etc/{SECRET}", "The address in HOOK is not an http or https URL"),
        (f"http://[{SECRET}", "The address in HOOK is not an http or https URL"),
        (f"http://a b/{SECRET}", "The address in HOOK was not reached (InvalidURL)"),
        ("", "HOOK is not set in the environment; nothing was sent to it"),
    ],
)
def test_webhook_that_does_not_work_is_a_warning_that_keeps_the_address_to_itself(
    made: Made,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    url: str,
    words: str,
) -> None:
    monkeypatch.setenv("HOOK", url.format(server=server.url, closed=_closed_port()))
    made.configure(alerts={"webhook_env": "HOOK", "on": ["verdict"]})
    if "/slow/" in url:
        monkeypatch.setattr(alerts, "DEADLINE", 0.2)
    server.answer = 500
    with caplog.at_level(logging.DEBUG):
        alert_of_night(made.settings, made.publication, "run-1")
    assert [record.getMessage() for record in caplog.records] == [words]
    assert SECRET not in caplog.text


def test_publication_that_cannot_be_read_still_pings(
    made: Made, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    alert_of_night(made.settings, made.folder / "lift.yml", "run-1")
    assert [path for _, path, _ in server.received] == [f"/{SECRET}/ping"]
    assert "The alerts of this night could not be read" in caplog.text
