"""Secrets: as written, from a file, or made once into the state directory."""

import secrets
import string
from collections.abc import Mapping
from pathlib import Path

import yaml

from center.load import Center
from center.state import State
from switchboard.errors import CenterInvalid
from switchboard.files import write_whole

LENGTH = 20
_ALPHABET = string.ascii_letters + string.digits
AMI_USER = "switchboard"


class Secrets:
    """Every secret by what it is for: an extension's number, `trunk NAME`, `ami`."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    def __getitem__(self, purpose: str) -> str:
        return self._known[purpose]

    def get(self, purpose: str) -> str:
        """The secret, empty where there is none."""
        return self._known.get(purpose, "")


def read_secrets(center: Center, state: State) -> Secrets:
    """All secrets of a center; those that nobody wrote are made and kept in `secrets.yaml`."""
    path = state.root / "secrets.yaml"
    kept: dict[str, str] = yaml.safe_load(path.read_text()) if path.exists() else {}
    made = dict(kept)
    known: dict[str, str] = {}
    for number, extension in center.router.extensions.items():
        written = written_secret(center.directory, extension.secret, extension.secret_file)
        known[str(number)] = written or made.setdefault(str(number), _random())
    for name, trunk in center.router.trunks.items():
        source = trunk.register_as or trunk
        written = written_secret(center.directory, source.secret, source.secret_file)
        if written:
            known[f"trunk {name}"] = written
    known["ami"] = made.setdefault("ami", _random())
    if made != kept:
        write_whole(path, yaml.safe_dump(made, allow_unicode=True))
    return Secrets(known)


def ami_secret(state: State) -> str | None:
    """The secret of our own AMI account, None before the first apply."""
    path = state.root / "secrets.yaml"
    kept = yaml.safe_load(path.read_text()) if path.exists() else {}
    return kept.get("ami")


def written_secret(directory: Path, secret: str | None, secret_file: str | None) -> str | None:
    """A secret as it stands in the text or in its file. Raises CenterInvalid."""
    if secret_file is None:
        return str(secret) if secret is not None else None
    try:
        return (directory / secret_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as trouble:
        raise CenterInvalid(f"{secret_file} cannot be read: {trouble}") from trouble


def _random() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
