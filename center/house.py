"""Whose paper reports and covers are written on."""

from pathlib import Path

from center.load import Center
from switchboard.paper.house import House


def house_of(center: Center, directory: Path) -> House:
    """Whose paper it is. The logo is looked for in the working directory, as pictures are in no
    version."""
    paper = center.reports.paper
    logo = directory / paper.logo if paper.logo else None
    ground = center.ground
    return House(str(ground.name), logo, str(paper.colour), str(ground.language))
