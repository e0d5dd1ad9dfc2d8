"""`dialer messages`."""

from __future__ import annotations

import argparse
import asyncio
import shutil
from pathlib import Path

from dialer.asterisk.sounds import OVERFLOW_KINDS, ClientVoice, SoundMaker, after_care, missing, overflow
from dialer.cli.settings import settings_of
from dialer.config import Settings, SettingsError
from dialer.demo.asterisk_install import ensure_asterisk
from dialer.demo.speech import voice
from dialer.domain.overflow import OverflowLine, sounds_folder
from dialer.services.clients import Client
from dialer.storage.clients import PgClientStore
from dialer.storage.overflow import PgOverflowLines
from dialer.storage.pool import open_pool

_EXAMPLES = """\
examples:
  dialer messages make
  dialer messages make --recordings /srv/opnames
  dialer messages check
"""


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "messages",
        help="what residents and callers hear",
        description="Makes the sound files of every client from text; a WAV in --recordings/<client>/ wins.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=("make", "check"))
    parser.add_argument("--recordings", type=Path, help="folder with recordings, one folder per client")
    parser.add_argument("--state", type=Path, default=Path(".state"), help="where Asterisk's root file system stands")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    if not settings.asterisk.sounds:
        raise SettingsError("asterisk.sounds is missing: name the folder as DIALER_ASTERISK_SOUNDS")
    clients, lines = asyncio.run(_clients(settings))
    sounds = Path(settings.asterisk.sounds)
    if arguments.action == "check":
        absent = {client.slug: missing(sounds, client.slug) for client in clients}
        for slug, line in lines:
            folder = sounds_folder(slug, line.number)
            absent[folder] = missing(sounds, folder, OVERFLOW_KINDS)
        for slug, kinds in absent.items():
            print(f"{slug}: {', '.join(kinds) if kinds else 'all there'}")
        return 1 if any(absent.values()) else 0
    here = all(shutil.which(program) for program in ("espeak-ng", "sox"))
    maker = SoundMaker(sounds, *voice(None if here else ensure_asterisk(arguments.state, print)))
    maker.make_default()
    for client in clients:
        own = None if arguments.recordings is None else arguments.recordings / client.slug
        made = maker.make(ClientVoice(folder=client.slug, name=client.neutral_name, number=client.inbound_number), own)
        print(f"{client.slug}: {len(made)} made")
        # There before it is needed: from the end of a contract on, callers hear these.
        last = after_care(client.slug, client.neutral_name, client.inbound_number, client.municipality)
        maker.make(last, None if own is None else own / "nazorg")
    for slug, line in lines:
        spoken = overflow(slug, line.number, line.team)
        own = None if arguments.recordings is None else arguments.recordings / spoken.folder
        print(f"{spoken.folder}: {len(maker.make(spoken, own))} made")
    return 0


async def _clients(settings: Settings) -> tuple[list[Client], list[tuple[str, OverflowLine]]]:
    """All of them, and the lines of other teams with the slug of their client."""
    pool = await open_pool(settings.database.dsn, size=2)
    try:
        clients = list(await PgClientStore(pool).all())
        store = PgOverflowLines(pool)
        return clients, [(client.slug, line) for client in clients for line in await store.of(client.id)]
    finally:
        await pool.close()
