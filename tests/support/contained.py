"""Runs what a service of the Compose file runs, as a container engine would: a root file system that cannot be written,
the named places and passing file systems in it, no capability, nothing gained. The network is the machine's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_ENTER = """
set -eu
all=$1; cwd=$2; shift 2
mount -t tmpfs tmpfs "$all"
while [ "$1" != -- ]; do mkdir -p "$all$1"; shift; done; shift           # folders
while [ "$1" != -- ]; do ln -s "$2" "$all$1"; shift 2; done; shift        # links
while [ "$1" != -- ]; do                                                  # places: here there mode
  if [ -d "$1" ]; then mkdir -p "$all$2"; else : > "$all$2"; fi
  mount --rbind "$1" "$all$2"  # what hangs below a place cannot be left out in a user namespace
  [ "$3" = rw ] || mount -o remount,bind,ro "$all$2"
  shift 3
done; shift
while [ "$1" != -- ]; do mkdir -p "$all$1"; mount -t tmpfs -o "$2" tmpfs "$all$1"; shift 2; done; shift
for special in proc dev sys; do mkdir -p "$all/$special"; mount --rbind "/$special" "$all/$special"; done
mount -o remount,ro "$all"
cd "$all"
exec chroot "$all" /usr/bin/setpriv --bounding-set=-all --inh-caps=-all --no-new-privs \
  /bin/sh -c 'cd "$1"; shift; exec "$@"' enter "$cwd" "$@"
"""
_SPECIAL = ("/proc", "/dev", "/sys")
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private")


def possible(folder: Path) -> bool:
    """Whether this machine lets us build such a root file system."""
    done = subprocess.run(
        contained(Path("/"), folder, {"tmpfs": [], "volumes": []}, {}, ["true"]), capture_output=True, check=False
    )
    return done.returncode == 0


def contained(
    root: Path,
    work: Path,
    service: Mapping[str, Any],
    more: Mapping[str, Path],
    command: Sequence[str],
    *,
    named: Mapping[str, Path] | None = None,
    cwd: str = "/",
) -> list[str]:
    """The command line. `service`: as `docker-compose config` tells it; `more`: what its image holds beside `root`.

    `named`: the folders that stand for volumes; `work`: an empty folder for the mount.
    """
    work.mkdir(parents=True, exist_ok=True)
    passing = [_passing(entry) for entry in service.get("tmpfs", [])]
    places = [(str(here), there, "ro") for there, here in more.items()]
    for volume in service.get("volumes", []):
        here = (named or {})[volume["source"]] if volume["type"] == "volume" else Path(volume["source"])
        places.append((str(here), volume["target"], "ro" if volume.get("read_only") else "rw"))
    folders, links, whole = _root(root, [there for _, there, _ in places] + [there for there, _ in passing])
    return [
        *_NAMESPACE, "sh", "-c", _ENTER, "enter", str(work), cwd,
        *folders, "--",
        *(part for link in links for part in link), "--",
        *(part for place in (*whole, *places) for part in place), "--",
        *(part for one in passing for part in one), "--",
        *command,
    ]  # fmt: skip


def _root(root: Path, taken: Sequence[str]) -> tuple[list[str], list[tuple[str, str]], list[tuple[str, str, str]]]:
    """The root file system but for the places that are taken: folders to make, links, and what is bound whole.

    No overlay: not every kernel has one, and in it nothing could be told apart from what an image holds.
    """
    folders: list[str] = []
    links: list[tuple[str, str]] = []
    whole: list[tuple[str, str, str]] = []

    def walk(folder: Path, place: str) -> None:
        folders.append(place or "/")
        for child in sorted(folder.iterdir()):
            there = f"{place}/{child.name}"
            if there in taken or there in _SPECIAL:
                continue
            if child.is_symlink():
                links.append((there, os.readlink(child)))
            elif child.is_dir() and any(one.startswith(there + "/") for one in taken):
                walk(child, there)
            elif child.is_dir() or child.is_file():
                whole.append((str(child), there, "ro"))

    walk(root, "")
    for place in taken:
        parent = place.rpartition("/")[0]
        if parent and not any(there == parent for _, there, _ in whole):
            folders.append(parent)
    return folders, links, whole


def _passing(entry: str) -> tuple[str, str]:
    place, _, options = entry.partition(":")
    # Other users than ours are not known in a user namespace of one.
    kept = [option for option in options.split(",") if not option.startswith(("uid=", "gid="))]
    return place, ",".join(kept) or "mode=755"


def environment(service: Mapping[str, Any], **over: str) -> dict[str, str]:
    """What the service's process is told."""
    return {"PATH": os.environ["PATH"], **service.get("environment", {}), **over}
