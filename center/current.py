"""The center as it was applied last, for the services that follow it while they run."""

import asyncio
import logging
from pathlib import Path

from center.load import Center, load_center
from center.secrets import written_secret
from center.state import State
from switchboard.mail import MailServer
from switchboard.problems import Problems

log = logging.getLogger(__name__)


class Current:
    """Reads a version once; what it can no longer read leaves the one before in place."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._number: int | None = None
        self._center: Center | None = None

    async def center(self) -> Center | None:
        """The center of the applied version, None while there is none."""
        number = self._state.applied()
        if number is not None and number != self._number:
            self._number = number
            center = await asyncio.to_thread(read_version, self._state, number)
            self._center = center or self._center
        return self._center


def mail_server(center: Center, directory: Path) -> MailServer | None:
    """The server that takes the letters, None where nobody was named. Raises CenterInvalid.

    The password's file is looked for in the working directory: secrets are not kept by version.
    """
    mail = center.ground.mail
    if mail is None:
        return None
    password = written_secret(directory, mail.password, mail.password_file) or ""
    user = str(mail.user) if mail.user is not None else None
    return MailServer(str(mail.host), mail.port, mail.tls, user, password)


def read_version(state: State, number: int) -> Center | None:
    """The center of a version as it was applied; None, and a line in the log, when it is broken."""
    problems = Problems()
    center = load_center(state.version(number) / "center", problems)
    if center is None:
        log.error("version %s cannot be read: %s", number, [str(one) for one in problems])
    return center
