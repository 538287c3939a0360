"""A throw-away PgBouncer before a throw-away PostgreSQL: on a unix socket beside it, gone with it.

It pools transactions, and takes its few servers in turn: whatever a session left on one of them is
found by the next client, and missed by the one that left it.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from . import postgres

NO_POOLER = "no PgBouncer here: apt-get install pgbouncer"
"""What to print when a test fails for want of one."""

_PORT = 6432
_SETTINGS = """
[databases]
* = host={server} user=postgres

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {home}
pidfile = {home}/pid
logfile = {home}/log
auth_type = any
pool_mode = transaction
default_pool_size = {servers}
server_round_robin = 1
max_client_conn = 200
"""


@contextmanager
def running(server: str, *, servers: int = 4) -> Iterator[str | None]:
    """Run one before a server and yield its URL, or yield None where there is none to run."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        yield None
        return
    user = postgres.server_user()
    home = Path(tempfile.mkdtemp(prefix="pgb-", dir="/tmp"))  # the path of a socket must be short
    if user is not None:
        shutil.chown(home, user)
    address = make_url(server)
    written = _SETTINGS.format(server=address.query["host"], port=_PORT, home=home, servers=servers)
    (home / "settings.ini").write_text(written)
    with subprocess.Popen(
        [program, "-q", str(home / "settings.ini")], user=user, stderr=subprocess.DEVNULL
    ) as process:
        try:
            url = address.update_query_dict({"host": str(home), "port": str(_PORT)})
            _wait_for(home / f".s.PGSQL.{_PORT}", process)
            yield url.render_as_string()
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(home)


def through(pooler: str, url: str) -> str:
    """Give the URL of a database of the server behind a pooler."""
    return make_url(pooler).set(database=make_url(url).database).render_as_string()


def _wait_for(socket: Path, process: subprocess.Popen[bytes]) -> None:
    while not socket.exists():
        if process.poll() is not None:
            raise RuntimeError(f"pgbouncer ended with {process.returncode}")
        time.sleep(0.01)
