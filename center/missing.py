"""Prompts of the applied version that are no longer where Asterisk looks for them."""

from center.state import State
from switchboard.watch import Trouble


def prompt_troubles(state: State) -> list[Trouble]:
    """Told with how many there are and one of them; a caller would hear silence."""
    number = state.applied()
    if number is None:
        return []
    missing = [
        f"{language}/{prompt}"
        for prompt, language in state.seconds(number)
        if not (state.sounds / language / "sb" / f"{prompt}.wav").is_file()
    ]
    if not missing:
        return []
    words = f"{len(missing)} prompts cannot be played, such as {min(missing)}"
    return [Trouble("prompts", words, "`switchboard apply` lays them out again")]
