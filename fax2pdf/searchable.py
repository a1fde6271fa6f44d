"""Text that was recognised on the pages, laid invisibly behind them, so that a fax can be searched.

An optional extra: `pip install switchboard[ocr]` and Debian's tesseract-ocr with its languages. It
is advisory: a letter waits for it only so long, and goes without it then.
"""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from switchboard.convert import ConversionFailed, convert
from switchboard.watch import Trouble

WAIT_SECONDS = 300  # from the end of a fax
MOST_MEMORY_BYTES = 3 << 30  # address space
SEARCHABLE = "searchable.pdf"
# our names of languages -> tesseract's
TRAINED = {
    "de": "deu",
    "en": "eng",
    "es": "spa",
    "fr": "fra",
    "it": "ita",
    "pt": "por",
    "ru": "rus",
    "th": "tha",
}


async def make_searchable(pdf: Path, languages: Sequence[str], seconds: float) -> Path:
    """The same pages with their text, beside `pdf`. Raises ConversionFailed, OSError."""
    if seconds < 1:
        raise ConversionFailed("there is no time left to recognise text")
    known = await asyncio.to_thread(_known, languages)
    target = pdf.with_name(SEARCHABLE)
    argv = [sys.executable, "-P", "-m", "ocrmypdf", "--output-type", "pdf", "--optimize", "0"]
    argv += ["--jobs", "1", "--language", "+".join(known), str(pdf), str(target)]
    await convert(argv, seconds=int(seconds), directory=pdf.parent, memory_bytes=MOST_MEMORY_BYTES)
    return target


def searchable_troubles(languages: Sequence[str]) -> list[Trouble]:
    """Whether what lines want to be done cannot be done here."""
    try:
        _known(languages)
    except ConversionFailed as lacking:
        words = f"faxes are sent without searchable text: {lacking}"
        wanted = " ".join(f"tesseract-ocr-{TRAINED.get(one, one)}" for one in languages)
        mend = f"pip install switchboard[ocr]; apt-get install tesseract-ocr {wanted}"
        return [Trouble("searchable", words, mend)]
    return []


def _known(languages: Sequence[str]) -> list[str]:
    """Tesseract's names of those languages that it has. Raises ConversionFailed where there are
    none, or a program is missing."""
    if find_spec("ocrmypdf") is None:
        raise ConversionFailed("OCRmyPDF is not installed")
    if shutil.which("tesseract") is None:
        raise ConversionFailed("tesseract is not installed")
    asked = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, check=False
    )
    there = set(asked.stdout.splitlines()[1:])
    known = [TRAINED[one] for one in languages if TRAINED.get(one) in there]
    if not known:
        raise ConversionFailed(f"tesseract knows none of the languages {', '.join(languages)}")
    return known
