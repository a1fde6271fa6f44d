"""The last touch to the PDF of a fax, for lines that want it: a cover before the pages.

It holds no letter back: where it cannot be made the log tells it, and the pages go without.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from fax2pdf.cover import Cover, draw_cover
from fax2pdf.making import order
from fax2pdf.pdf import Facts, finish_pdf
from switchboard.convert import ConversionFailed
from switchboard.forking import Forker

FINISHED, COVER, TOLD = "finished.pdf", "cover.pdf", "cover.json"

log = logging.getLogger(__name__)


async def finish(forker: Forker, pdf: Path, cover: Cover | None, facts: Facts) -> Path:
    """The PDF that is sent, in the directory of the other. Raises OSError."""
    if cover is None:
        return pdf
    scratch = pdf.parent
    (scratch / TOLD).write_text(cover.as_json())
    try:
        words = (str(pdf), *facts.as_texts())
        await forker.work(order(__name__, words, scratch))
    except ConversionFailed as failed:
        log.warning("%s is sent as it came: %s", facts.title, failed)
        return pdf
    return scratch / FINISHED


def main(arguments: Sequence[str]) -> None:
    """A child's work, in the directory of what is made: the PDF, then the facts as texts."""
    source, *facts = arguments
    draw_cover(Cover.of_json(Path(TOLD).read_text()), Path(COVER))
    finish_pdf(Path(source), Path(COVER), Facts.of_texts(facts), Path(FINISHED))
