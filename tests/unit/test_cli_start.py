"""How the command line comes up."""

from __future__ import annotations

import subprocess
import sys

from dialer.cli import _COMMANDS, _named

CODE = """
import sys
from dialer.cli import main
try:
    main(["--config", "serve", "migrate", "--help"])
except SystemExit:
    pass
sys.exit("dialer.app" in sys.modules)
"""


def test_a_command_loads_its_own_code_and_not_the_whole_service() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage: dialer migrate")


def test_what_is_no_command_is_told_all_of_them() -> None:
    for words in (["nonsense"], ["--help"], ["--version"], [], ["--config", "migrate"]):
        assert _named(words) == _COMMANDS, words
    assert _named(["import", "export"]) == ["import_"]
