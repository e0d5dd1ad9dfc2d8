"""Asterisk's configuration as pure text: settings in, `{file name: text}` out. Nothing here reads or writes a file."""

from dialer.asterisk.config.devices import device_objects, device_removals, line_objects, line_removals
from dialer.asterisk.config.extensions import DIALPLAN_VARIABLE, dialplan, dialplan_version, drift
from dialer.asterisk.config.files import dialer_files
from dialer.asterisk.config.settings import AmiUser, AsteriskSettings, Folders, Instance, Neighbour, Tls, Trunk

__all__ = [
    "DIALPLAN_VARIABLE",
    "AmiUser",
    "AsteriskSettings",
    "Folders",
    "Instance",
    "Neighbour",
    "Tls",
    "Trunk",
    "device_objects",
    "device_removals",
    "dialer_files",
    "dialplan",
    "dialplan_version",
    "drift",
    "line_objects",
    "line_removals",
]
