"""Secrets: long enough, not guessed from the name, and readable where they stand in a file."""

import os
import re
from pathlib import Path

from center.load import Center
from switchboard.problems import Problems
from switchboard.yamltext import Text

SHORTEST_SECRET = 12
_FEWEST_CHARACTERS = 4
# what a line of Asterisk's configuration carries as it is: `;` begins a comment, `=>` loses `>`
_SAFE_SECRET = re.compile(r"^(?!>)[!-:<-\[\]-~]+$")
_SAFE_PATH = re.compile(r"^[\w./@+-]+$")


def check_secrets(center: Center, problems: Problems) -> None:
    """Weak secrets of extensions are errors; those of a carrier are the carrier's: warnings."""
    router = center.router
    for number, extension in router.extensions.items():
        secret = _secret(extension.secret, extension.secret_file, center.directory, problems)
        weakness = secret and secret_weakness(secret, (number, extension.name or ""))
        if secret and weakness:
            problems.error(secret.place, f"this secret is weak: {weakness}", "weak-secret")
    for name, trunk in router.trunks.items():
        for holder in (trunk, trunk.register_as):
            if holder is None:
                continue
            secret = _secret(holder.secret, holder.secret_file, center.directory, problems)
            weakness = secret and secret_weakness(secret, (name, holder.user or ""))
            if secret and weakness:
                problems.warning(secret.place, f"this secret is weak: {weakness}", "weak-secret")
    listen = center.ground.listen
    for file in (listen.certificate, listen.private_key):
        if file is not None:
            _check_key_file(center.directory / file, file, problems)
    mail = center.ground.mail
    if mail is not None:
        _secret(mail.password, mail.password_file, center.directory, problems, for_asterisk=False)


def _check_key_file(path: Path, file: Text, problems: Problems) -> None:
    if not _SAFE_PATH.fullmatch(file):
        problems.error(
            file.place, "a name of letters, digits and . / _ @ + - is expected here", "unsafe-text"
        )
    elif not path.is_file() or not os.access(path, os.R_OK):
        problems.error(file.place, f"there is no readable file {file}", "unreadable-secret")
    elif b"-----BEGIN " not in path.read_bytes() or not path.read_bytes().isascii():
        problems.error(file.place, f"{file} is not in PEM format", "unreadable-secret")


def secret_weakness(secret: str, names: tuple[str, ...]) -> str | None:
    """Why a secret is easily guessed, None when it is not; `names` are the owner's."""
    if len(secret) < SHORTEST_SECRET:
        return f"it has fewer than {SHORTEST_SECRET} characters"
    if len(set(secret)) < _FEWEST_CHARACTERS:
        return "it repeats too few characters"
    rest = secret.lower()
    words = {word for name in names for word in re.findall(r"\w+", name.lower())}
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return None if re.search(r"\w", rest) else "it is only the name or the number"


def _secret(
    written: Text | None,
    file: Text | None,
    directory: Path,
    problems: Problems,
    for_asterisk: bool = True,
) -> Text | None:
    """The secret, from its file where it stands in one; None where there is none."""
    if written is not None and file is not None:
        problems.error(
            file.place, "the secret stands here twice, in a file and not", "secret-twice"
        )
    if written is None and file is not None:
        written = _read(directory / file, file, problems)
    if written is None:
        return None
    if for_asterisk and not _SAFE_SECRET.fullmatch(written):
        message = "a secret has letters, digits and signs of ASCII, without spaces, “;” and “\\”"
        problems.error(written.place, message, "unsafe-text")
    return written


def _read(path: Path, file: Text, problems: Problems) -> Text | None:
    try:
        secret = Text(path.read_text("utf-8").strip())
    except (OSError, ValueError) as trouble:
        reason = getattr(trouble, "strerror", None) or "it is not UTF-8 text"
        problems.error(file.place, f"cannot be read: {reason}", "unreadable-secret")
        return None
    if not secret:
        problems.error(file.place, "the file is empty", "unreadable-secret")
        return None
    secret.place = file.place
    return secret
