"""Text on paper: which font has which sign, how wide it is, and how it is drawn.

Fonts are embedded, so that a page looks the same everywhere. Latin and Cyrillic stand sign by
sign; Thai, Arabic and Hebrew are shaped, and carry what they say as ActualText: the shaped signs
are no letters that a search would find.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import fontpkg_arimo
import fontpkg_noto_sans_arabic
import fontpkg_pt_sans
import fontpkg_sarabun
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, shapeStr
from reportlab.pdfgen.canvas import Canvas

from switchboard.letterhead import plain

LONGEST = 300  # signs of one text; a line of a page has less
REMEMBERED = 4000  # texts, each in four ways: what many lines have; all of a long list took 20 MB
UNKNOWN = "◊"  # for a sign that no font of ours has, such as an emoji
CUT = "…"


@dataclass(frozen=True)
class Font:
    """A font's files; `is_shaped` where its script needs it."""

    name: str
    regular: Path
    bold: Path
    is_shaped: bool = True


def _font(name: str, package: Any, regular: str, bold: str = "", *, shaped: bool = True) -> Font:
    files = Path(package.ROOT) / "files"
    return Font(name, files / regular, files / (bold or regular), shaped)


FONTS = (  # the first that has a sign sets it
    _font(
        "latin", fontpkg_pt_sans, "PT_Sans-Web-Regular.ttf", "PT_Sans-Web-Bold.ttf", shaped=False
    ),
    _font("thai", fontpkg_sarabun, "Sarabun-Regular.ttf", "Sarabun-Bold.ttf"),
    _font("greek", fontpkg_arimo, "Arimo[wght].ttf"),
    _font("arabic", fontpkg_noto_sans_arabic, "NotoSansArabic[wdth,wght].ttf"),
)


@dataclass(frozen=True)
class Run:
    """Signs of one font; `shown` is what is drawn instead where no font has them."""

    font: str
    text: str
    shown: Any
    is_plain: bool  # what is drawn is what it says, sign by sign
    em_width: float  # of a font of size 1
    is_unknown: bool = False  # no font has these signs


class Type:
    """The fonts of one document: reportlab keeps by name what it has shaped, in order of use."""

    def __init__(self) -> None:
        self._known: dict[str, TTFont] = {}
        self.runs = lru_cache(maxsize=REMEMBERED)(self._runs)
        self.width_of_one = lru_cache(maxsize=REMEMBERED)(self._width_of_one)
        self._encoded = lru_cache(maxsize=REMEMBERED)(self._encode)
        self._font_of = lru_cache(maxsize=REMEMBERED)(self._find_font)
        self.first = self._loaded(FONTS[0], False).fontName

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """In points."""
        return size * self.width_of_one(text, bold)

    def fitting(self, text: str, size: float, room: float, bold: bool = False) -> str:
        """As much of a text as there is room for, with a mark where it was cut."""
        if self.width(text, size, bold) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            fits = self.width(text[:middle] + CUT, size, bold) <= room
            low, high = (middle, high) if fits else (low, middle - 1)
        return text[:low] + CUT

    def wrapped(self, text: str, size: float, room: float) -> Iterator[str]:
        """Lines no wider than that; a word that is wider stands cut in a line of its own."""
        line = ""
        for word in filter(None, text.split(" ")):
            longer = f"{line} {word}".strip()
            if line and self.width(longer, size) > room:
                yield line
                longer = word
            line = self.fitting(longer, size, room)
        if line:
            yield line

    def draw(
        self, canvas: Canvas, x: float, y: float, text: str, size: float, bold: bool = False
    ) -> None:
        """With its left end at x, on the line y; in the canvas's colour."""
        for run in self.runs(text, bold):
            # the operators themselves: an object of reportlab's for each cell took ten times longer
            begin = f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm"
            if run.is_plain:
                signs = self._encoded(canvas, run.font, run.shown)
                canvas._code += [
                    f"{begin} {name} {size:g} Tf ({part}) Tj ET" for name, part in signs
                ]
            else:
                said = run.text.encode("utf-16-be", "replace").hex().upper()
                words = canvas.beginText(x, y)
                words.setFont(run.font, size)
                words._textOut(run.shown)
                canvas._code.append(f"/Span <</ActualText <FEFF{said}>>> BDC")
                canvas.drawText(words)
                canvas._code.append("EMC")
            x += run.em_width * size

    def _encode(self, canvas: Canvas, font: str, text: str) -> list[tuple[str, str]]:
        """A subset's name and the signs in it; a sign keeps its place in the document."""
        loaded, document = pdfmetrics.getFont(font), canvas._doc
        return [
            (loaded.getSubsetInternalName(subset, document), canvas._escape(part))
            for subset, part in loaded.splitString(text, document)
        ]

    def _width_of_one(self, text: str, bold: bool) -> float:
        return sum(run.em_width for run in self.runs(text, bold))

    def _runs(self, text: str, bold: bool) -> tuple[Run, ...]:
        found, text = [], plain(text, LONGEST)
        if text.isascii():  # the first font has them all
            return (self._run(FONTS[0], text, bold),) if text else ()
        wanted = self._fonts_of(text)
        for font, signs in groupby(wanted, key=lambda pair: pair[0]):
            found.append(self._run(font, "".join(sign for _, sign in signs), bold))
        return tuple(found)

    def _fonts_of(self, text: str) -> Iterator[tuple[Font | None, str]]:
        """Of each sign its font; a space between two words of one script belongs to it."""
        last: Font | None = FONTS[0]
        for at, sign in enumerate(text):
            if sign == " ":
                following = self._font_of(text[at + 1]) if at + 1 < len(text) else None
                yield (last if last is following and last is not None else FONTS[0]), sign
                continue
            last = self._font_of(sign)
            yield last, sign

    def _find_font(self, sign: str) -> Font | None:
        for font in FONTS:
            if ord(sign) in self._loaded(font, False).face.charToGlyph:
                return font
        return None

    def _run(self, font: Font | None, text: str, bold: bool) -> Run:
        shown = text if font else UNKNOWN * len(text)
        is_unknown, font = font is None, font or FONTS[0]
        loaded = self._loaded(font, bold)
        if not font.is_shaped:
            width = pdfmetrics.stringWidth(shown, loaded.fontName, 1)
            return Run(loaded.fontName, text, shown, not is_unknown, width, is_unknown)
        shaped = shapeStr(shown, loaded.fontName, 1000, force=True)
        width = sum(one.x_advance for one in shaped.__shapeData__) / 1000
        return Run(loaded.fontName, text, shaped, False, width)

    def _loaded(self, font: Font, bold: bool) -> TTFont:
        name = f"{font.name}-bold" if bold else font.name
        if name not in self._known:
            file = font.bold if bold else font.regular
            self._known[name] = TTFont(name, str(file), shapable=font.is_shaped)
            pdfmetrics.registerFont(self._known[name])
        return self._known[name]
