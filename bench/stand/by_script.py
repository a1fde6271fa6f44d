"""The two menus as a script that Asterisk starts for each call: MAIN SUPPORT GOODBYE (sounds)."""

import os
import sys
from pathlib import Path

from asterisk.agi import AGI, AGIHangup

TRIES, WAIT_MS = 3, 5000


def main(menu: str, support: str, goodbye: str) -> None:
    with Path(os.devnull).open("w") as log:
        agi = AGI(sys.stdin, sys.stdout, log)
        agi.answer()
        try:
            if chosen(agi, menu, "2"):
                chosen(agi, support, "1")
            agi.appexec("Playback", goodbye)  # STREAM FILE leaves no event of its beginning
        except AGIHangup:
            return


def chosen(agi: AGI, prompt: str, key: str) -> bool:
    """Play a menu until its key is pressed, three times at most."""
    return any(agi.get_data(prompt, WAIT_MS, 1) == key for _ in range(TRIES))


if __name__ == "__main__":
    main(*sys.argv[1:])
