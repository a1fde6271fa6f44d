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
    """Whether what lines want to be done cannot be done here, or not in each of the languages."""
    wanted = [TRAINED[one] for one in languages if one in TRAINED]
    try:
        missing = set(wanted).difference(_known(languages))
        lacking = f"tesseract does not know {', '.join(sorted(missing))}" if missing else ""
    except ConversionFailed as failed:
        lacking = str(failed)
    if not lacking:
        return []
    packages = " ".join(f"tesseract-ocr-{one}" for one in wanted)
    return [
        Trouble(
            "searchable",
            f"the text of faxes is not recognised as it should be: {lacking}",
            f"pip install switchboard[ocr]; apt-get install tesseract-ocr {packages}",
        )
    ]


def _known(languages: Sequence[str]) -> list[str]:
    """Tesseract's names of those languages that it has. Raises ConversionFailed where there are
    none, or a program is missing."""
    if find_spec("ocrmypdf") is None:
        raise ConversionFailed("OCRmyPDF is not installed")
    if shutil.which("tesseract") is None:
        raise ConversionFailed("tesseract is not installed")
    argv = ["tesseract", "--list-langs"]
    told = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    there = set(told.splitlines()[1:])
    known = [TRAINED[one] for one in languages if TRAINED.get(one) in there]
    if not known:
        raise ConversionFailed(f"tesseract knows none of the languages {', '.join(languages)}")
    return known
