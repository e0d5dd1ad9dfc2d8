"""What the Compose file starts, started without a container engine: the same commands, places and settings in root file
systems that cannot be written, without a capability, behind the real proxy."""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
import shutil
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from dialer.demo.asterisk_install import ensure_asterisk
from dialer.demo.asterisk_server import fully_booted
from dialer.demo.processes import Processes, free_port
from dialer.domain.one_time import STEP_SECONDS, code_at, secret_of
from tests.support.certificates import Authority
from tests.support.compose import composed, example, needs_compose
from tests.support.contained import contained, environment, possible
from tests.support.prometheus import ROOT, program

NGINX = program("nginx")
pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(180),
    needs_compose,
    pytest.mark.skipif(NGINX is None, reason="no nginx: `scripts/setup test` unpacks Debian's"),
]
AMI = "s3cret-of-the-containers"


@dataclass
class Ship:
    """The services, where their places are, and what differs on a machine that is shared with other tests: ports."""

    folder: Path
    dsn: str
    asterisk_root: Path
    processes: Processes
    ports: Mapping[str, int] = field(
        default_factory=lambda: {name: free_port() for name in ("ami", "sip", "ws", "http", "metrics", "tls", "plain")}
    )
    services: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.volumes = {name: self.folder / name for name in ("node", "sounds", "journal", "backups")}
        held = self.folder / "secrets"
        for folder in (*self.volumes.values(), held):
            folder.mkdir()
        for name, text in {
            "master.key": base64.b64encode(secrets.token_bytes(32)).decode(), "database.dsn": self.dsn,
            "ami.secret": AMI,
        }.items():  # fmt: skip
            (held / name).write_text(text + "\n")
        self.authority = Authority(self.folder)
        certificate, key = self.authority.issue("localhost", "127.0.0.1", name="panel")
        certificates = self.folder / "certificates"
        certificates.mkdir()
        shutil.copy(certificate, certificates / "panel.pem")
        shutil.copy(key, certificates / "panel.key")
        self.services = composed(
            {
                **example(), "ADDRESS": "127.0.0.1", "CARRIER": "127.0.0.1", "SECRETS": str(held),
                "SETTINGS": str(ROOT / "deploy" / "systemd" / "dialer.toml"), "CERTIFICATES": str(certificates),
            }
        )["services"]  # fmt: skip
        self.over = {
            "DIALER_HTTP_HOST": "127.0.0.1", "DIALER_HTTP_PROXIES": "127.0.0.1",
            "DIALER_HTTP_PORT": str(self.ports["http"]), "DIALER_HTTP_METRICS_PORT": str(self.ports["metrics"]),
            "DIALER_ASTERISK_PORT": str(self.ports["ami"]), "DIALER_ASTERISK_SIP_PORT": str(self.ports["sip"]),
            "DIALER_ASTERISK_HTTP_PORT": str(self.ports["ws"]),
        }  # fmt: skip

    def line(self, name: str, command: list[str] | None = None) -> list[str]:
        """The command line of a service of ours, in the image's place: this machine with the project in /opt/dialer."""
        service = self.services[name]
        entry = service.get("entrypoint") or ["/opt/dialer/.venv/bin/python", "-m", "dialer"]
        words = [word.replace("$$", "$") for word in command or [*entry, *service["command"]]]
        return contained(
            Path("/"), self.folder / f"root-{name}", service, {"/opt/dialer": ROOT}, words, named=self.volumes,
            cwd="/opt/dialer",
        )  # fmt: skip

    def told(self, name: str) -> dict[str, str]:
        return environment(self.services[name], **self.over)

    def run(self, name: str, command: list[str] | None = None, given: str = "") -> str:
        """To its end; what it said."""
        done = subprocess.run(
            self.line(name, command), capture_output=True, text=True, check=False, env=self.told(name), input=given
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def asterisk(self) -> list[str]:
        service = self.services["asterisk"]
        dockerfile = (ROOT / "deploy" / "compose" / "asterisk.Dockerfile").read_text()
        words = [*re.findall(r'"([^"]+)"', dockerfile.partition("\nENTRYPOINT ")[2])]
        return contained(self.asterisk_root, self.folder / "root-asterisk", service, {}, words, named=self.volumes)

    def proxy(self) -> list[str]:
        service = self.services["proxy"]
        text = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text()
        for there, here in (
            ("172.30.0.1:8080", f"127.0.0.1:{self.ports['http']}"), ("listen 8443", f"listen {self.ports['tls']}"),
            ("listen 8080", f"listen {self.ports['plain']}"),
        ):  # fmt: skip
            assert text.count(there) == 1
            text = text.replace(there, here)
        (self.folder / "nginx.conf").write_text(text)
        for volume in service["volumes"]:
            if volume["target"] == "/etc/nginx/nginx.conf":
                volume["source"] = str(self.folder / "nginx.conf")
        (self.folder / "mime.types").write_text("types { text/html html; text/javascript js; text/css css; }\n")
        assert NGINX is not None
        own = {"/etc/nginx/mime.types": self.folder / "mime.types", "/opt/nginx": Path(NGINX)}
        # Debian testing's libraries, which its nginx wants. In a user namespace of one everybody is called root, and
        # nginx would change to somebody who is not there.
        return contained(
            self.asterisk_root, self.folder / "root-proxy", service, own, ["/opt/nginx", "-g", "daemon off; user root;"]
        )

    @asynccontextmanager
    async def page(self, authority: Authority | None = None) -> AsyncIterator[aiohttp.ClientSession]:
        """A browser."""
        context = ssl.create_default_context(cafile=str((authority or self.authority).file))
        async with aiohttp.ClientSession(
            base_url=f"https://localhost:{self.ports['tls']}",
            connector=aiohttp.TCPConnector(ssl=context),
            timeout=aiohttp.ClientTimeout(total=30),
        ) as http:
            yield http


@pytest.fixture
async def ship(dsn: str, tmp_path: Path) -> AsyncIterator[Ship]:
    root = ensure_asterisk(ROOT / ".state", print)
    if root is None or not possible(tmp_path / "try"):
        pytest.skip("this machine allows no root file systems of a test's own")
    connection = await asyncpg.connect(dsn)
    await connection.execute("drop schema public cascade; create schema public; drop schema if exists pii cascade")
    await connection.close()
    processes = Processes(tmp_path / "processes")
    try:
        yield Ship(tmp_path, dsn, root, processes)
    finally:
        await asyncio.to_thread(processes.stop_all)


def may_do_nothing(pid: int) -> None:
    """Neither with a capability nor to its file system."""
    status = Path(f"/proc/{pid}/status").read_text()
    for kind in ("CapEff", "CapBnd"):
        assert re.search(rf"^{kind}:\t0+$", status, re.MULTILINE)
    with pytest.raises(OSError, match="Read-only"):
        (Path(f"/proc/{pid}/root") / "etc" / "made-by-a-test").touch()


async def test_the_services_of_the_compose_file(ship: Ship) -> None:
    # In the order of `depends_on`: what ends, then what stays.
    await asyncio.to_thread(ship.run, "migrate")
    await asyncio.to_thread(ship.run, "asterisk-files")
    await asyncio.to_thread(
        ship.processes.start, "asterisk", ship.asterisk(),
        ready=lambda: fully_booted("127.0.0.1", ship.ports["ami"], "dialer", AMI),
    )  # fmt: skip
    await asyncio.to_thread(
        ship.run, "dialer",
        ["/opt/dialer/.venv/bin/python", "-m", "dialer", "user", "add", "beheer", "--name", "Beheer", "--role",
         "administrator", "--password-stdin"], "een-lang-wachtwoord\n",
    )  # fmt: skip
    ship.processes.start("proxy", ship.proxy())
    ship.processes.start("dialer", ship.line("dialer"), env=ship.told("dialer"))
    async with ship.page() as http:

        async def ready() -> bool:
            try:
                async with http.get("/readyz") as answer:
                    return answer.status == 200
            except (aiohttp.ClientError, TimeoutError):
                return False

        async with asyncio.timeout(90):
            while not await ready():
                assert ship.processes._children["dialer"].poll() is None, ship.processes.log_of("dialer").read_text()
                await asyncio.sleep(0.1)
        health = ship.services["dialer"]["healthcheck"]["test"]
        own = [word.replace("172.30.0.1:8080", f"127.0.0.1:{ship.ports['http']}") for word in health[1:]]
        await asyncio.to_thread(ship.run, "dialer", own)
        # The panel, a session with its cookie, the live feed, and a phone's line, all behind the proxy.
        async with http.get("/") as answer:
            assert answer.status == 200
            assert "max-age" in answer.headers["Strict-Transport-Security"]
        origin = {"Origin": f"https://localhost:{ship.ports['tls']}"}
        login = {"login": "beheer", "password": "een-lang-wachtwoord"}
        async with http.post("/api/v1/session", json=login, headers=origin) as answer:
            assert answer.status in (200, 201), await answer.text()
            half = await answer.json()
            assert half["stage"] == "enrol", "an administrator needs an authenticator app"
            cookies = answer.headers.getall("Set-Cookie")
            assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)
        origin["X-CSRF-Token"] = half["csrf_token"]
        async with http.post("/api/v1/session/second-factor", json={}, headers=origin) as answer:
            secret = secret_of((await answer.json())["secret"])
        code = code_at(secret, int(time.time()) // STEP_SECONDS)
        async with http.put("/api/v1/session/second-factor", json={"code": code}, headers=origin) as answer:
            assert answer.status == 200, await answer.text()
        async with http.ws_connect("/api/v1/live", headers=origin) as socket:
            assert (await socket.receive_json(timeout=30))["type"]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect("/sip", protocols=("sip",), headers=origin)
        assert refused.value.status in (401, 403), "an administrator has no phone, and it is the service that says so"
        async with http.get(f"http://localhost:{ship.ports['plain']}/x?y=1", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (308, "https://localhost/x?y=1")
    async with ship.page(Authority(ship.folder, "stranger")) as http:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await http.get("/readyz")
    # Who is asked for is who came: the address that the service counts wrong log-ins by is the proxy's word alone.
    assert "Traceback" not in ship.processes.log_of("dialer").read_text()
    for name in ("asterisk", "proxy", "dialer"):
        may_do_nothing(ship.processes.pid_of(name))
    # The nightly back-up.
    said = await asyncio.to_thread(ship.run, "backup")
    assert "whole" in said
    assert len(list(ship.volumes["backups"].iterdir())) == 1
    log = ship.processes.log_of("dialer").read_text()
    ship.processes.stop("dialer")
    assert AMI not in log
    assert "service stops" in ship.processes.log_of("dialer").read_text()
