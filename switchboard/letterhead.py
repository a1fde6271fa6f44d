"""How a letter begins: names and subjects that callers chose made harmless, and its Message-ID."""

import base64
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

LONGEST_TEXT = 200
LONGEST_THING = 40  # so that a Message-ID seldom needs a second line

# Characters that join letters in several scripts and emoji; all other format characters go, since
# those that turn the direction of a text let a name look like another.
_JOINERS = "\u200c\u200d"
_POLICY = SMTP.clone(cte_type="7bit")


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line of a text that somebody else chose, in any script, without control characters."""
    if text.isascii() and text.isprintable() and "  " not in text:  # most are, and nothing goes
        return text[:longest].strip()
    one_line = " ".join(text.split())
    kept = (
        letter
        for letter in one_line
        if unicodedata.category(letter)[0] != "C" or letter in _JOINERS
    )
    return "".join(kept)[:longest].strip()


def domain_of(address: str) -> str:
    """`acme.example` of `Acme <pbx@acme.example>`."""
    return parseaddr(address)[1].partition("@")[2] or "localhost"


def message_id_for(thing: str, domain: str) -> str:
    """The Message-ID of the letter that announces a thing: the same one each time it is asked."""
    shown = re.sub(r"[^A-Za-z0-9._-]+", "-", thing)
    shown = re.sub(r"\.{2,}", ".", shown)[:LONGEST_THING].strip(".-")
    if shown != thing or not shown:  # what was cut or replaced must not make two things one
        digest = hashlib.sha256(thing.encode(errors="backslashreplace")).hexdigest()[:16]
        shown = f"{shown}.{digest}" if shown else digest
    return f"<{shown}@{domain}>"


def new_message(
    sender: str,
    to: Sequence[str],
    subject: str,
    message_id: str,
    written_at: datetime,
    *,
    thread: str | None = None,
) -> EmailMessage:
    """An empty letter of ours. `thread` is the Message-ID that mail programs shall put it below."""
    message = EmailMessage(_POLICY)
    message["From"] = _address(sender)
    message["To"] = [_address(one) for one in to]
    message["Subject"] = plain(subject)
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = message_id
    if thread is not None:
        message["In-Reply-To"] = thread
        message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer of a machine, please
    return message


def attach(message: EmailMessage, content: bytes, kind: str, filename: str) -> None:
    """Add a file to a letter; `kind` as in `audio/mpeg`."""
    main, _, sub = kind.partition("/")
    message.add_attachment(b"", main, sub, filename=plain(filename))
    *_, part = message.iter_attachments()
    encoded = base64.b64encode(content).decode()
    part.set_payload("\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76)))


def flatten(message: EmailMessage) -> bytes:
    """The bytes of a letter as they go over the line, in seven bits, each line ended with CRLF."""
    # Python writes a message line by line, which for a minute of sound takes longer than to send
    # it: so what was attached is put in when all else is written.
    attached = {
        secrets.token_hex(16): part
        for part in message.walk()
        if part.get("Content-Transfer-Encoding") == "base64" and part.is_attachment()
    }
    bodies = {token: str(part.get_payload()) for token, part in attached.items()}
    for token, part in attached.items():
        part.set_payload(token)
    whole = message.as_bytes(policy=_POLICY)
    for token, part in attached.items():
        part.set_payload(bodies[token])
        body = bodies[token].strip().replace("\n", "\r\n")
        whole = whole.replace(token.encode(), body.encode())
    return whole


def _address(written: str) -> Address:
    name, address = parseaddr(written)
    return Address(plain(name), addr_spec=address)
