"""The fax lines of a center as their letters need them."""

from center.boxes import letterhead_of
from center.load import Center
from fax2pdf.deliver import Lines


def lines_of(center: Center) -> Lines:
    """Without `mail:` there is no sender, and no letter is written."""
    ground = center.ground
    lines = {str(name): line for name, line in center.fax.fax.items()}
    return Lines(lines, letterhead_of(center), str(ground.language), ground.keep.fax_days)
