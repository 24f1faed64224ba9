"""Tell a webhook that a night failed, found errors or changed a verdict, and send a ping.

The addresses come from environment variables: they are secrets, and appear in no log or message.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import duckdb

from ingest.error_text import first_line
from jobs.config import Settings
from jobs.results.changes import Change, find_changes, read_changes
from jobs.sql_files import read_sql
from jobs.words import VERDICTS, count_of

log = logging.getLogger(__name__)

DEADLINE = 8.0
"""Seconds that a night waits for all its alerts together."""

SHOWN = 10
"""Findings or verdicts that the text of an alert names; its fields have all of them."""

FINDINGS = read_sql(__file__, "findings")

# Statuses that say who wins, or that nobody may say so.
VERDICT: frozenset[str | None] = frozenset({"winner", "loser", "sample_ratio_mismatch"})

Fields = Mapping[str, Any]


@contextmanager
def alert_of_failure(settings: Settings) -> Iterator[None]:
    """Send an alert if the block fails. What was stopped by a signal has not failed."""
    try:
        yield
    except Exception as error:
        if "failure" in settings.alerts.on:
            sentence = first_line(error)
            _send(settings, [_alert("failure", f"The night failed: {sentence}", error=sentence)])
        raise


def alert_of_night(settings: Settings, published: Path, run_id: str) -> None:
    """Send what a night found that published this file, and the ping.

    Nothing that goes wrong here is raised, and nothing takes longer than `DEADLINE`.
    """
    if not (settings.alerts.webhook_env or settings.alerts.ping_env):
        return
    alerts: list[Fields] = []
    try:
        with duckdb.connect(str(published), read_only=True) as con:
            if "error" in settings.alerts.on:
                alerts += _of_findings(con, run_id)
            if "verdict" in settings.alerts.on:
                alerts += _of_verdicts(con, settings, run_id)
    except duckdb.Error as error:
        log.warning("The alerts of this night could not be read (%s)", first_line(error))
    _send(settings, alerts, ping=True)


def ping(settings: Settings) -> None:
    """Send the ping alone, of a night that ended well and published nothing."""
    _send(settings, [], ping=True)


def _of_findings(con: duckdb.DuckDBPyConnection, run_id: str) -> list[Fields]:
    found = con.execute(FINDINGS)
    names = [name for name, *_ in found.description]
    findings = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if not findings:
        return []
    lines = [f"{each['check_name']} ({each['subject']}): {each['detail']}" for each in findings]
    title = f"{count_of(len(findings), 'finding')} of severity error; run `lift doctor`"
    return [_alert("error", _listed(title, lines), run_id=run_id, findings=findings)]


def _of_verdicts(con: duckdb.DuckDBPyConnection, settings: Settings, run_id: str) -> list[Fields]:
    find_changes(con, settings)
    changes = [
        change
        for change in read_changes(con)
        if change.is_main
        and change.metric == "conversion_rate"
        and VERDICT & {change.status, change.status_before}
    ]
    if not changes:
        return []
    title = f"{count_of(len(changes), 'verdict')} changed"
    verdicts = [asdict(change) for change in changes]
    text = _listed(title, map(_words, changes))
    return [_alert("verdict", text, run_id=run_id, verdicts=verdicts)]


def _words(change: Change) -> str:
    name = f"{change.experience}, {change.audience_segment}, {change.variant}"
    lift = "" if change.lift is None else f" at {change.lift:+.1%}"
    return f"{name}: {_verdict(change.status)}{lift}; before: {_verdict(change.status_before)}"


def _verdict(status: str | None) -> str:
    return "not published" if status is None else VERDICTS[status]


def _listed(title: str, lines: Iterable[str]) -> str:
    every = list(lines)
    more = [f"and {len(every) - SHOWN:,} more"] if len(every) > SHOWN else []
    return "\n".join([title, *every[:SHOWN], *more])


def _alert(kind: str, text: str, **fields: Any) -> Fields:
    # Slack reads <…> in a text as mentions and links; names of the data may not ring a channel.
    for letter, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(letter, name)
    return {"text": f"segment-lift: {text}", "kind": kind, **fields}


def _send(settings: Settings, alerts: list[Fields], *, ping: bool = False) -> None:
    webhook, dead_man = settings.alerts.webhook_env, settings.alerts.ping_env
    requests: list[tuple[str | None, Fields | None]] = [(webhook, alert) for alert in alerts]
    if ping:
        requests.append((dead_man, None))
    threads = []
    for variable, alert in requests:
        if variable is None:
            continue
        address = settings.secret(variable)
        if address is None:
            log.warning("%s is not set in the environment; nothing was sent to it", variable)
            continue
        arguments = (variable, address.get_secret_value(), alert)
        thread = Thread(target=_request, args=arguments, daemon=True)
        thread.start()
        threads.append((variable, thread))
    latest = monotonic() + DEADLINE
    for variable, thread in threads:
        thread.join(max(0.0, latest - monotonic()))
        if thread.is_alive():
            log.warning("The address in %s did not answer within %.0f s", variable, DEADLINE)


def _request(variable: str, url: str, alert: Fields | None) -> None:
    body = None if alert is None else json.dumps(alert, default=_as_json).encode()
    try:
        if not url.startswith(("https://", "http://")):
            raise ValueError
        request = Request(url, body, {"Content-Type": "application/json"} if body else {})
        with urlopen(request, timeout=DEADLINE) as answer:
            answer.read(1)
    except ValueError:
        log.warning("The address in %s is not an http or https URL", variable)
    except HTTPError as error:
        log.warning("The address in %s answered with %s", variable, error.code)
    except (OSError, HTTPException) as error:
        cause = getattr(error, "reason", error)
        log.warning("The address in %s was not reached (%s)", variable, type(cause).__name__)


def _as_json(value: date) -> str:
    return value.isoformat()
