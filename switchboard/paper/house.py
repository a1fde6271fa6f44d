"""Whose paper it is: the center's name, its logo, its colour and its language."""

from dataclasses import dataclass
from pathlib import Path

COLOUR = "#1d5b99"


@dataclass(frozen=True)
class House:
    """`logo` is a picture file (PNG or JPEG); one that is missing or broken is left out."""

    name: str = ""
    logo: Path | None = None
    colour: str = COLOUR
    language: str = "en"
