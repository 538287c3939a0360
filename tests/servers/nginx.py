"""nginx before servers of a test, with the recipe of the manual, on a free port of the loopback."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .certificates import make_certificate
from .redis import free_port, wait_for

NO_PROXY = "no nginx here: apt-get install nginx-light"
"""What to print when a test fails for want of one."""

_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_AROUND = """
daemon off;
master_process off;
pid {home}/pid;
error_log {home}/error.log;
events {{}}
http {{
{paths}
{recipe}
}}
"""


@contextmanager
def running(recipe: str, home: Path, servers: Sequence[int]) -> Iterator[int | None]:
    """Run it before these ports, and yield its own, or None where there is none to run."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        yield None
        return
    port = free_port()
    make_certificate(home)
    placed = {
        "    server server:8000;": "\n".join(f"    server 127.0.0.1:{it};" for it in servers),
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/nginx/tls": str(home),
        "/var/log/nginx": str(home),
    }
    for written, there in placed.items():
        assert written in recipe
        recipe = recipe.replace(written, there)
    paths = "\n".join(f"{it}_temp_path {home}/{it};" for it in _TEMPORARY)
    (home / "nginx.conf").write_text(_AROUND.format(home=home, paths=paths, recipe=recipe))
    words = [program, "-p", str(home), "-c", str(home / "nginx.conf"), "-e", str(home / "begin")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(port, process, "nginx")
            yield port
        finally:
            process.terminate()
