"""The last touches to the PDF of a fax, for lines that want them: searchable text, a cover.

Neither holds a letter back: where it cannot be made the log tells it, and the pages go without.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fax2pdf.cover import Cover, draw_cover
from fax2pdf.making import order
from fax2pdf.pdf import Facts, finish_pdf
from fax2pdf.searchable import make_searchable
from switchboard.convert import ConversionFailed
from switchboard.forking import Forker

FINISHED, COVER, TOLD = "finished.pdf", "cover.pdf", "cover.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What a line wants of a fax. `languages` are those of its text, none where it shall have none;
    `seconds` says how long one may still wait for that."""

    cover: Cover | None
    languages: Sequence[str]
    seconds: Callable[[], float]


class Finisher:
    """Text is recognised of one fax after the other: it may take a processor for minutes."""

    def __init__(self, forker: Forker) -> None:
        self._forker = forker
        self._alone = asyncio.Lock()

    async def finish(self, pdf: Path, facts: Facts, wish: Wish) -> Path:
        """The PDF that is sent: another one in the same directory, or the same. Raises OSError."""
        source = await self._searchable(pdf, facts, wish) if wish.languages else pdf
        if source == pdf and wish.cover is None:
            return pdf
        scratch = pdf.parent
        if wish.cover is not None:
            (scratch / TOLD).write_text(wish.cover.as_json())
        try:
            words = (str(source), *facts.as_texts())
            await self._forker.work(order(__name__, words, scratch))
        except ConversionFailed as failed:
            log.warning("%s is sent as it came: %s", facts.title, failed)
            return pdf
        return scratch / FINISHED

    async def _searchable(self, pdf: Path, facts: Facts, wish: Wish) -> Path:
        try:
            async with self._alone:
                return await make_searchable(pdf, wish.languages, wish.seconds())
        except (ConversionFailed, OSError) as failed:
            log.warning("%s is sent without searchable text: %s", facts.title, failed)
            return pdf


def main(arguments: Sequence[str]) -> None:
    """A child's work, in the directory of what is made: the PDF, then the facts as texts."""
    source, *facts = arguments
    cover = Path(COVER) if Path(TOLD).exists() else None
    if cover is not None:
        draw_cover(Cover.of_json(Path(TOLD).read_text()), cover)
    finish_pdf(Path(source), cover, Facts.of_texts(facts), Path(FINISHED))
