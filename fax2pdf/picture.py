"""The first page as a small picture, so that one sees in the letter what came."""

from pathlib import Path

from PIL import Image

from fax2pdf.tiff import Page

WIDE = 560  # pixels
MOST_HIGH = 1200  # what is longer is cut
MOST_PIXELS = 60_000_000  # decoded; more is a roll of paper, of which no picture is made
GRAYS = 8


def draw_first_page(tiff: Path, page: Page, target: Path) -> None:
    """As wide and high as the paper was. Raises whatever Pillow raises."""
    if page.width * page.rows > MOST_PIXELS:
        return
    with Image.open(tiff) as image:
        gray = image.convert("L")
    wide, high = page.points
    whole = gray.resize((WIDE, max(1, round(WIDE * high / wide))), Image.Resampling.BOX)
    shown = whole.crop((0, 0, WIDE, min(whole.height, MOST_HIGH)))
    shown.quantize(GRAYS).save(target, optimize=True)
