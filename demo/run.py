"""`make run`: the demo center, and beside it the mail server that takes its letters."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from center.state import State
from console.main import main as switchboard
from demo.inbox import HOST, PORT, open_inbox

DEMO = Path(__file__).resolve().parent


def main() -> None:
    """Until Ctrl-C."""
    os.umask(0o077)
    inbox = State.beside(DEMO).root / "inbox"
    with ExitStack() as stack:
        try:
            stack.enter_context(open_inbox(inbox))
        except OSError as trouble:
            reason = trouble.strerror
            sys.exit(f"the demo's mail server cannot listen on {HOST}:{PORT}: {reason}")
        print(f"letters arrive in {inbox} (a Maildir: mutt -f {inbox})", flush=True)
        sys.argv = ["switchboard", "--center", str(DEMO), "run", "--show-secrets"]
        switchboard()


if __name__ == "__main__":
    main()
