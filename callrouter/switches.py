"""What agents have set by hand: hours that are open or closed now, whatever the calendar says."""

from callrouter.rules import Rulebook
from switchboard.pbx.agi_call import AgiCall


async def read_switches(call: AgiCall, rulebook: Rulebook) -> dict[str, str]:
    """Hours -> `open` or `closed`, for those that were set by hand. Raises as the call does."""
    words = {name: await call.get_variable(f"DB(switch/{name})") for name in rulebook.switched}
    return {name: word for name, word in words.items() if word}
