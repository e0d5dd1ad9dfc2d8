"""What the service is made of, for whoever has to answer for it: parts, licences, known holes.

    python -m scripts.supply sbom > dialer.cdx.json   CycloneDX 1.6: what runs in production, Python and panel
    python -m scripts.supply licences                 package, version, licence; status 1: nobody looked at one
    python -m scripts.supply audit                    known holes, by pip-audit and npm audit; both ask the network

Read from the lock files, so it says the same on every machine; licences come from the installed packages and npm's.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import uuid
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from scripts.runtime_requirements import needed

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?==([^\s;\\]+)")
_SHA256 = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_AUDITOR = "pip-audit==2.10.1"

LOOKED_AT = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-CMU", "PSF-2.0", "Unlicense",
        "CC0-1.0", "BlueOak-1.0.0", "LGPL-3.0-only", "LGPL-3.0-or-later", "EPL-2.0", "MPL-2.0",
        "Python-2.0", "MIT-0", "OFL-1.1",
    }
)  # fmt: skip
"""Licences under which a part may be used in a service for municipalities: nothing that asks for our own source. LGPL:
used as it is, as a library; EPL and MPL: files of theirs are not changed."""

_CLASSIFIERS = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "The Unlicense (Unlicense)": "Unlicense",
}
_FREE_WORDS = {
    "mit": "MIT",
    "mit license": "MIT",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "dual license": "Apache-2.0 OR BSD-3-Clause",
    "epl-2.0 or gpl-2.0-or-later": "EPL-2.0 OR GPL-2.0-or-later",
    "lgpl-3.0-or-later": "LGPL-3.0-or-later",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One package."""

    ecosystem: str  # pypi or npm
    name: str
    version: str
    licence: str  # an SPDX expression; "" when nobody says
    hashes: tuple[str, ...] = ()  # SHA-256 of its files

    @property
    def purl(self) -> str:
        """As CycloneDX and vulnerability databases name it."""
        name = self.name.replace("@", "%40", 1) if self.name.startswith("@") else self.name
        return f"pkg:{self.ecosystem}/{name}@{self.version}"


def python_parts() -> Iterator[Part]:
    """What the service imports and what that needs."""
    lock, project = ((ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "pyproject.toml"))
    for lines in needed(lock, project):
        match = _PIN.match(lines)
        assert match is not None, lines
        yield Part(
            ecosystem="pypi",
            name=match[1].lower(),
            version=match[2],
            licence=python_licence(match[1]),
            hashes=tuple(sorted(_SHA256.findall(lines))),
        )


def python_licence(name: str) -> str:
    """As the installed package says itself; "" when it is not installed or says nothing that is known."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return ""
    if expression := told.get("License-Expression"):
        return str(expression)
    found = [
        _CLASSIFIERS[last]
        for one in told.get_all("Classifier") or ()
        if one.startswith("License ::") and (last := one.rpartition(" :: ")[2]) in _CLASSIFIERS
    ]
    if found:
        return " OR ".join(sorted(set(found)))
    return _FREE_WORDS.get((told.get("License") or "").strip().lower(), "")


def panel_parts() -> Iterator[Part]:
    """What is built into the panel: npm's lock without what only builds and tests it."""
    lock: Mapping[str, Any] = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    seen = set()
    for place, entry in lock["packages"].items():
        if not place or entry.get("dev") or entry.get("optional") or entry.get("peer"):
            continue
        name = place.rpartition("node_modules/")[2]
        if (name, entry["version"]) not in seen:
            seen.add((name, entry["version"]))
            yield Part(ecosystem="npm", name=name, version=entry["version"], licence=entry.get("license", ""))


def parts() -> Sequence[Part]:
    """All, in an order that stays."""
    return sorted([*python_parts(), *panel_parts()], key=lambda part: (part.ecosystem, part.name, part.version))


def sbom() -> Mapping[str, Any]:
    """CycloneDX 1.6. The same lock files make the same document: its serial number is made of its content."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    components = [_component(part) for part in parts()]
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": "dialer", "name": "dialer", "version": version},
            "lifecycles": [{"phase": "build"}],
        },
        "components": components,
        "dependencies": [{"ref": "dialer", "dependsOn": [component["bom-ref"] for component in components]}],
    }


def _component(part: Part) -> Mapping[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
    }
    if part.licence:
        component["licenses"] = [{"expression": part.licence}]
    if part.hashes:
        # Of every file that the lock accepts: which one is used depends on the machine.
        component["properties"] = [{"name": "dialer:lock:sha256", "value": one} for one in part.hashes]
    return component


def unknown(found: Sequence[Part]) -> Sequence[Part]:
    """Those whose licence nobody looked at: every alternative of it, or one of what must be kept together."""
    return [part for part in found if not _fits(part.licence)]


def _fits(expression: str) -> bool:
    bare = expression.replace("(", "").replace(")", "")
    return any(
        all(word.strip() in LOOKED_AT for word in together.split(" AND ")) for together in bare.split(" OR ") if bare
    )


def audit() -> int:
    """Known holes. pip-audit is no part of the project: it runs in an environment that is thrown away.

    `--strict`: a package that could not be asked about is no clean one.
    """
    lock = ROOT / "requirements.lock"
    with tempfile.TemporaryDirectory(prefix="dialer-audit-") as folder:
        venv.create(folder, with_pip=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", _AUDITOR]
        subprocess.run(pip, check=True)
        python = subprocess.run(
            [
                f"{folder}/bin/pip-audit",
                "--strict",
                "--disable-pip",
                "--require-hashes",
                "-r",
                str(lock),
            ],
            check=False,
        )
    panel = subprocess.run([str(ROOT / "scripts" / "web"), "audit-known-holes"], check=False)
    return 1 if python.returncode or panel.returncode else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.supply", description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("sbom", "licences", "audit"))
    what = parser.parse_args(arguments).what
    if what == "audit":
        return audit()
    if what == "sbom":
        print(json.dumps(sbom(), indent=1))
        return 0
    found = parts()
    for part in found:
        print(f"{part.ecosystem}\t{part.name}\t{part.version}\t{part.licence or 'unknown'}")
    for part in unknown(found):
        print(f"nobody looked at {part.name}: {part.licence or 'it says none'}", file=sys.stderr)
    return 1 if unknown(found) else 0


if __name__ == "__main__":
    sys.exit(main())
