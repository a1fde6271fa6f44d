"""The center's logo: a picture file that may be missing, broken or hostile."""

import base64
from io import BytesIO
from pathlib import Path

from PIL import Image

MOST_BYTES, MOST_PIXELS = 2_000_000, 25_000_000
LARGEST = (600, 200)  # pixels; a page shows no more of it


def logo_of(path: Path | None) -> bytes | None:
    """The picture as a small PNG; None where there is none that can be read.

    It is made anew from its pixels: nothing else of the file goes anywhere.
    """
    if path is None:
        return None
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            return None
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            small = picture.convert("RGBA")
        small.thumbnail(LARGEST)
        made = BytesIO()
        small.save(made, "PNG")
        return made.getvalue()
    except Exception:  # a broken picture raises anything: a report without a logo is a report
        return None


def data_url(path: Path | None) -> str:
    """The picture within a page, "" where there is none."""
    content = logo_of(path)
    return f"data:image/png;base64,{base64.b64encode(content).decode()}" if content else ""
