"""Asterisk's own small database, read over the line to it."""

from switchboard.pbx.ami import Ami, AmiRefused


async def read_family(ami: Ami, family: str) -> dict[str, str]:
    """Key below the family -> value. Raises as `Ami.action`."""
    try:
        entries = await ami.action("DBGetTree", Family=family)
    except AmiRefused as refused:
        if "found" in str(refused):  # for Asterisk an empty family is an error
            return {}
        raise
    return {entry["key"].removeprefix(f"/{family}/"): entry["val"] for entry in entries}
