"""A PostgreSQL server for tests: in a folder of its own, on loopback, with a superuser `owner`."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.programs import program

PASSWORD = "s3cret/word"
URL_PASSWORD = "s3cret%2Fword"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server that asks for a password; yield the start of its URLs, up to the user."""
    commands = program("postgres").resolve().parent
    # PostgreSQL refuses to run as root.
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="lift-postgres-"))
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    password_file.chmod(0o644)
    port = _free_port()

    def run(command: str, *arguments: str) -> None:
        subprocess.run(
            [str(commands / command), *arguments],
            check=True, cwd=folder, stdout=subprocess.DEVNULL,
            user=account and account.pw_uid, group=account and account.pw_gid,
        )  # fmt: skip

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "owner", "-E", "UTF8", "--locale=C", "--no-sync",
            "--auth=scram-sha-256", f"--pwfile={password_file}")  # fmt: skip
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield f"127.0.0.1:{port}"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
