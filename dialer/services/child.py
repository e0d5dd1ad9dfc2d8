"""Heavy reckoning in a process of its own: lines of JSON in, one JSON value out. The event loop only hands lines on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import dialer
from dialer.domain.errors import UnavailableError

LONGEST = 900.0
"""Seconds of wall time after which a child is given up."""

_PACKAGE_ROOT = Path(dialer.__file__).resolve().parent.parent


async def ask(module: str, batches: AsyncGenerator[Sequence[Any], None], head: object = None) -> Any:
    """What `python -m module` makes of `head` (when given) and the batches, a line each; None without any batch.

    Raises UnavailableError when the child fails or takes too long.
    """
    child: asyncio.subprocess.Process | None = None
    try:
        async with asyncio.timeout(LONGEST):
            async for batch in batches:
                if child is None:
                    child = await _start(module)
                    if head is not None:
                        await _line(child, head)
                await _line(child, batch)
            if child is None:
                return None
            assert child.stdin is not None
            child.stdin.close()
            said, _ = await child.communicate()
            if child.returncode != 0:
                raise UnavailableError("the child process failed")
            return json.loads(said)
    except TimeoutError:
        raise UnavailableError("the child process takes too long") from None
    finally:
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def _start(module: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # no module of the present folder
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # Not our environment: it may hold the master key and passwords.
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_PACKAGE_ROOT), "PYTHONUTF8": "1"},
        start_new_session=True,  # Ctrl-C at the terminal is for us to answer
    )


async def _line(child: asyncio.subprocess.Process, value: object) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(json.dumps(value).encode() + b"\n")
        await child.stdin.drain()
    except ConnectionError:
        raise UnavailableError("the child process failed") from None
