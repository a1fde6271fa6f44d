"""The fax lines of a center as their letters need them."""

from pathlib import Path

from center.boxes import letterhead_of
from center.house import house_of
from center.load import Center
from fax2pdf.lines import Lines


def lines_of(center: Center, directory: Path) -> Lines:
    """Without `mail:` there is no sender, and no letter is written."""
    ground = center.ground
    return Lines(
        lines={str(name): line for name, line in center.fax.fax.items()},
        head=letterhead_of(center),
        languages=tuple(map(str, ground.spoken)),
        keep_days=ground.keep.fax_days,
        house=house_of(center, directory),
    )
