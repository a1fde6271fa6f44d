"""Asterisk's own small database, read over the line to it."""

from switchboard.pbx.ami import Ami


async def read_family(ami: Ami, family: str) -> dict[str, str]:
    """Key below the family -> value. Raises as `Ami.action`."""
    entries = await ami.action("DBGetTree", Family=family)
    return {entry["key"].removeprefix(f"/{family}/"): entry["val"] for entry in entries}
