"""Letters: every address looks like one, and where letters are wanted there is a mail server."""

import re
from collections.abc import Iterator
from email.utils import parseaddr

from center.load import Center
from switchboard.problems import Problems
from switchboard.yamltext import Text

_ADDRESS = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$")


def check_letters(center: Center, problems: Problems) -> None:
    """Addresses, the mail server, and when reports are sent."""
    wanted = list(_addresses(center))
    for address in wanted:
        if not _ADDRESS.fullmatch(address):
            message = f"“{address}” is not a mail address such as anna@acme.example"
            problems.error(address.place, message, "bad-address")
    mail = center.ground.mail
    if mail is None and wanted:
        message = "letters are wanted, but there is no `mail:` to send them"
        problems.warning(wanted[0].place, message, "no-mail")
    if mail is not None:
        _, sender = parseaddr(mail.sender)
        if not _ADDRESS.fullmatch(sender) or not mail.sender.isprintable():
            message = f"“{mail.sender}” is not a sender such as Acme <pbx@acme.example>"
            problems.error(mail.sender.place, message, "bad-address")
    logo = center.reports.paper.logo
    if logo is not None and not (center.directory / logo).is_file():
        problems.warning(logo.place, f"there is no picture “{logo}” below the center", "no-logo")
    for name, line in center.fax.fax.items():
        if not line.email:
            problems.warning(name.place, f"the faxes of “{name}” go to nobody", "no-letter")
    for name, report in center.reports.reports.items():
        if not report.email:
            problems.warning(name.place, f"the report “{name}” goes to nobody", "no-letter")


def _addresses(center: Center) -> Iterator[Text]:
    yield from center.ground.alarms.email
    yield from center.router.emergency.tell
    for box in center.voicemail.voicemail.values():
        yield from box.email
    for line in center.fax.fax.values():
        yield from line.email
    for report in center.reports.reports.values():
        yield from report.email
