"""What the tests of the telephones themselves share: an exchange and its prompts."""

import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from switchboard.pbx.installation import Installation
from tests.sip.exchange import Exchange
from tests.sip.sound import read_wav, write_wav

TEXTS = {
    "main": ("ru", "Здравствуйте! Это компания Акме. Отдел продаж: нажмите один."),
    "sales": ("ru", "Отдел продаж"),
    "sales-closed": ("ru", "Отдел продаж сейчас закрыт."),
    "leave-a-message": ("ru", "Оставьте сообщение после сигнала."),
    "key-1": ("ru", "Вы нажали один."),
    "key-2": ("ru", "Вы нажали два."),
    "key-": ("ru", "Вы ничего не нажали."),
    "goodbye": ("en-gb", "Thank you for calling. Goodbye."),
    "welcome": ("en-gb", "Welcome to Acme. For sales press one. For support press two."),
    "closed": ("en-gb", "We are closed now. Please call again tomorrow."),
}


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Prompts by name, in one directory, two voices, some beginning with the same words."""
    directory = tmp_path_factory.mktemp("prompts")
    return {
        name: speak(text, voice, directory / f"{name}.wav") for name, (voice, text) in TEXTS.items()
    }


def speak(text: str, voice: str, path: Path) -> Path:
    subprocess.run(["espeak-ng", "-v", voice, "-w", path, text], check=True)
    write_wav(path, read_wav(path))
    return path


@pytest.fixture
async def exchange(
    own_network: None, installation: Installation, prompts: Mapping[str, Path]
) -> AsyncIterator[Exchange]:
    async with Exchange(installation, prompts["main"].parent) as exchange:
        yield exchange
