"""Which changed file makes Asterisk read what again; what it cannot read again while it runs."""

import re

from switchboard.pbx.ami import Ami

_VERSION = re.compile(r"^VERSION=v(\d+)$", re.MULTILINE)

# file -> console commands; the dialplan comes last, so that what it names is already there
RELOADS: dict[str, tuple[str, ...]] = {
    "pjsip.conf": (
        "module reload res_pjsip.so",
        "module reload res_pjsip_authenticator_digest.so",
        "module reload res_pjsip_endpoint_identifier_ip.so",
        "module reload res_pjsip_outbound_registration.so",
    ),
    "musiconhold.conf": ("moh reload",),
    "voicemail.conf": ("module reload app_voicemail.so",),
    "queues.conf": ("queue reload parameters",),
    "features.conf": ("module reload features",),
    "indications.conf": ("module reload indications",),
    "rtp.conf": ("module reload res_rtp_asterisk.so",),
    "udptl.conf": ("module reload udptl",),
    "res_fax.conf": ("module reload res_fax.so",),
    "res_parking.conf": ("module reload res_parking.so",),
    "logger.conf": ("logger reload",),
    "extensions.conf": ("dialplan reload",),
    "version.conf": ("dialplan reload",),
}


def commands_for(changed: set[str]) -> list[str]:
    """The console commands for the changed files, each once, in the order of RELOADS."""
    commands = [
        command for file, needed in RELOADS.items() if file in changed for command in needed
    ]
    return list(dict.fromkeys(commands))


def needs_restart(changed: set[str]) -> list[str]:
    """The changed files that Asterisk reads only when it starts."""
    return sorted(changed - RELOADS.keys())


async def reload(ami: Ami, changed: set[str]) -> None:
    """Make a running Asterisk read what changed, and nothing else."""
    for command in commands_for(changed):
        await ami.ask("Command", Command=command)


async def versions_in_use(ami: Ami) -> set[int]:
    """The versions that calls in progress began with."""
    channels = await ami.action("Status", Variables="VERSION")
    found = (_VERSION.search(channel["Variable"]) for channel in channels)
    return {int(match[1]) for match in found if match}
