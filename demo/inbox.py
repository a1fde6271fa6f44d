"""The demo's mail server: what it takes can be read in a Maildir. Nothing else differs."""

from collections.abc import Iterator
from contextlib import contextmanager
from mailbox import Maildir
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST, PORT = "127.0.0.1", 2525  # as `mail:` in demo/center.yaml says
LARGEST_BYTES = 64 << 20


class Inbox:
    """Keeps each letter byte for byte, and says yes when it is on the disk."""

    def __init__(self, directory: Path) -> None:
        self._maildir = Maildir(directory)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd with a whole letter."""
        self._maildir.add(envelope.content)  # type: ignore[arg-type]
        return "250 kept"


@contextmanager
def open_inbox(directory: Path, host: str = HOST, port: int = PORT) -> Iterator[None]:
    """Take letters, in a thread of its own. Raises OSError where another listens already."""
    directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    controller = Controller(
        Inbox(directory), hostname=host, port=port, data_size_limit=LARGEST_BYTES
    )
    controller.start()
    try:
        yield
    finally:
        controller.stop()
