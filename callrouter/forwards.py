"""Forwards that extensions have set by `*72`: Asterisk's own database has them."""

from collections.abc import Iterable
from contextlib import suppress

from switchboard.pbx.ami import Ami, AmiRefused
from switchboard.pbx.astdb import read_family

FAMILY = "forward"  # extension -> a number in E.164, a colleague's, or `nobody`


async def forwarding_to(ami: Ami, number: str) -> tuple[str, ...]:
    """The extensions whose calls go on to this number. Raises as `Ami.action`."""
    set_now = await read_family(ami, FAMILY)
    return tuple(sorted(extension for extension, to in set_now.items() if to == number))


async def end_forwards(ami: Ami, extensions: Iterable[str]) -> None:
    """As `*73` does, but who is away stays paused in departments. Raises as `Ami.ask`."""
    for extension in extensions:
        with suppress(AmiRefused):  # it dialled `*73` itself meanwhile
            await ami.ask("DBDel", Family=FAMILY, Key=extension)
