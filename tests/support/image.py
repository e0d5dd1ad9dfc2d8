"""Plays a Dockerfile without a container engine: a small Debian for its base, and its steps one by one in a chroot.

The official images of Python and Node are not Debian packages: Debian's own Python of the same release stands for the
one, the machine's own Node for the other. Mirrors, proxies and authorities are those of the machine's own clients.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_CLIENTS = ("etc/apt/apt.conf.d", "etc/pip.conf", "etc/npmrc", "etc/ssl/certs", "root/.npmrc", "root/.config/pip",
            "usr/local/share/ca-certificates", "etc/resolv.conf", "etc/hosts")  # fmt: skip
"""How the machine's own package clients reach their registries: laid over the root while a step is played."""
_TOLD = re.compile(r"(PIP|npm|NPM|NODE|SSL|https?|HTTPS?|no|NO)_\w+", re.ASCII)

_STEP = """
set -eu
root=$1; shift
mount --rbind /dev "$root/dev"; mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do mount --rbind "/$1" "$root/$1"; shift; done; shift
exec chroot "$root" "$@"
"""
_RUN = """
set -eu
root=$1; user=$2; shift 2
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"; mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do mkdir -p "$root$1"; mount -t tmpfs -o "$2" tmpfs "$root$1"; shift 2; done; shift
mount -o remount,bind,ro "$root"
exec chroot "$root" /usr/bin/setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups --bounding-set=-all \
  --inh-caps=-all --no-new-privs "$@"
"""
_UNREACHED = re.compile(r"Failed to fetch|Could not (resolve|connect)|Unable to connect|Temporary failure resolving")
"""What apt says where an archive cannot be reached."""
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_APART = ("unshare", "--mount", "--pid", "--fork", "--propagation", "private", "sh", "-c")


def missing() -> str:
    """Why nothing can be played on this machine; "" where it can."""
    if os.geteuid() != 0:
        return "only root can build a root file system"
    absent = [name for name in ("mmdebstrap", "unshare", "chroot", "setpriv", "node", "npm") if not shutil.which(name)]
    if absent:
        return f"not on this machine: {', '.join(absent)}"
    done = subprocess.run([*_APART, "true", "try"], capture_output=True, check=False)
    return "" if done.returncode == 0 else "this machine gives no namespaces"


class NoMirrorError(Exception):
    """Debian's packages cannot be had here."""


def instructions(text: str) -> list[tuple[str, str]]:
    """Each step's word and the rest, its lines made one."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n", " ", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in whole.splitlines())]


def mirror() -> str:
    """Where this machine's own apt gets Debian's packages; "" where it cannot be told."""
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [line.split()[-1].rstrip("/") for line in done.stdout.splitlines()]
    return next((one for one in found if one.endswith("/debian")), "")


@dataclass
class Image:
    """A root file system, and what its Dockerfile says of how it is run."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"})
    args: dict[str, str] = field(default_factory=dict)
    cwd: str = "/"
    user: str = "0:0"
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def step(self, command: str) -> None:
        """A RUN step. Fails the test with what it said."""
        over = [place for place in _CLIENTS if Path("/", place).exists()]
        for place in over:
            here = self.root / place
            here.parent.mkdir(parents=True, exist_ok=True)
            if Path("/", place).is_dir():
                here.mkdir(exist_ok=True)
            elif not here.exists():
                here.touch()
        told = {name: value for name, value in os.environ.items() if _TOLD.fullmatch(name)}
        inside = ["/bin/sh", "-c", f'cd "{self.cwd}" && {command}']
        done = subprocess.run(
            [*_APART, _STEP, "step", str(self.root), *over, "--", *inside],
            env={"HOME": "/root", **told, **self.args, **self.env}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"RUN {command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"

    def run(self, command: Sequence[str], tmpfs: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """As Compose has it: its own user, no capability, a root that cannot be written but for `tmpfs`."""
        passing = [word for place in tmpfs.items() for word in place]
        inside = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', self.cwd, *command]
        return subprocess.run(
            [*_APART, _RUN, "run", str(self.root), self.user, *passing, "--", *inside],
            env=self.env, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip


class Builder:
    """One Dockerfile; use `image` for its last stage."""

    def __init__(self, dockerfile: Path, context: Path, work: Path, args: Mapping[str, str] | None = None) -> None:
        self._steps = instructions(dockerfile.read_text(encoding="utf-8"))
        self._work = work
        self._args = dict(args or {})
        self._context = work / "context"
        ignored = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
        if ignored.exists():
            _lay_context(context, self._context, ignored.read_text(encoding="utf-8").splitlines())

    def image(self) -> Image:
        """Play it all."""
        stages: dict[str, Image] = {}
        image: Image | None = None
        for word, rest in self._steps:
            if word == "FROM":
                base, _, name = rest.partition(" AS ")
                image = Image(_base(base, self._work / f"stage-{len(stages)}", self._work))
                stages[name or "last"] = image
                continue
            assert image is not None, word
            self._play(image, stages, word, rest)
        assert image is not None
        return image

    def _play(self, image: Image, stages: Mapping[str, Image], word: str, rest: str) -> None:
        match word:
            case "ARG":
                name, _, value = rest.partition("=")
                image.args[name] = self._args.get(name, re.sub(r"\$(\w+)", lambda m: image.args[m[1]], value))
            case "ENV":
                image.env |= dict(pair.split("=", 1) for pair in rest.split())
            case "WORKDIR":
                image.cwd = rest
                (image.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "COPY":
                _copy(image, stages, self._context, rest.split())
            case "RUN":
                image.step(rest)
            case "USER":
                image.user = rest
            case "ENTRYPOINT":
                image.entry = json.loads(rest)
            case "CMD":
                image.command = json.loads(rest)
            case _:
                raise AssertionError(f"cannot play {word}")


def _copy(image: Image, stages: Mapping[str, Image], context: Path, words: list[str]) -> None:
    source = context
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")].root
    *what, to = words
    target = image.root / (image.cwd.lstrip("/") if not to.startswith("/") else "") / to.lstrip("/")
    for one in what:
        here = source / one.lstrip("/")
        if here.is_dir():
            shutil.copytree(here, target, symlinks=True, dirs_exist_ok=True)
        else:
            place = target / here.name if len(what) > 1 or to.endswith("/") else target
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(here, place)


def _lay_context(project: Path, context: Path, ignored: Sequence[str]) -> None:
    """What the build would be sent: what the ignore file lets through of the project's own files."""
    wanted = tuple(line[1:] for line in ignored if line.startswith("!"))
    listed = subprocess.run(["git", "ls-files"], cwd=project, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if any(name == one or name.startswith(f"{one}/") for one in wanted):
            place = context / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / name, place)


def _base(name: str, root: Path, work: Path) -> Path:
    """The root file system of a base image, from Debian's packages. Raises NoMirrorError."""
    suite = next(one for one in ("bookworm", "trixie", "forky") if one in name)
    wants = ["ca-certificates"] if name.startswith("node:") else []
    wants += ["python3", "python3-venv", "python-is-python3"] if name.startswith("python:") else []
    kept = work / f"base-{suite}-{'-'.join(wants)}.tar"
    if not kept.exists():
        included = [f"--include={','.join(wants)}"] if wants else []
        archive = [f"deb {mirror()} {suite} main"] if mirror() else []
        # As the Dockerfiles have it: an archive of a moment is past its date.
        past = '--aptopt=Acquire::Check-Valid-Until "false"'
        command = ["mmdebstrap", "--variant=minbase", past, *included, suite, str(kept), *archive]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            kept.unlink(missing_ok=True)
            assert _UNREACHED.search(done.stderr), done.stderr[-3000:]  # else it is the base that is broken
            raise NoMirrorError(done.stderr[-500:])
    root.mkdir()
    subprocess.run(["tar", "--extract", "--file", str(kept), "--directory", str(root), "--exclude=./dev/*"], check=True)
    if mirror():  # its sources stand where the official images have them
        (root / "etc/apt/sources.list").unlink(missing_ok=True)
        text = f"Types: deb\nURIs: {mirror()}\nSuites: {suite}\nComponents: main\n"
        text += f"Check-Valid-Until: no\nSigned-By: {_KEYRING}\n"
        (root / "etc/apt/sources.list.d/debian.sources").write_text(text, encoding="utf-8")
    if name.startswith("node:"):
        _own_node(root)
    return root


def _own_node(root: Path) -> None:
    node = Path(shutil.which("node") or "").resolve()
    npm = Path(shutil.which("npm") or "").resolve()  # …/npm/bin/npm-cli.js
    (root / "usr/local/bin").mkdir(parents=True, exist_ok=True)
    shutil.copy2(node, root / "usr/local/bin/node")
    shutil.copytree(npm.parents[1], root / "usr/local/lib/node_modules/npm", symlinks=True)
    (root / "usr/local/bin/npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
