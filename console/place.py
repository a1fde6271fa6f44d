"""Which center, which state directory, which Asterisk: said once, handed down."""

from dataclasses import dataclass
from pathlib import Path

import typer

from center.state import State
from switchboard.errors import SwitchboardError
from switchboard.pbx.installation import Installation, find_installation

ROOT = Path(__file__).resolve().parent.parent


class NoCenter(SwitchboardError):
    """There is no center.yaml where it was looked for."""


@dataclass(frozen=True)
class Place:
    """The directory of the center, and where its state is kept."""

    directory: Path
    state: State

    @classmethod
    def of(cls, directory: Path, state: Path | None) -> "Place":
        """The default state directory lies beside the center."""
        whole = directory.absolute()
        return cls(whole, State(state.absolute()) if state else State.beside(whole))

    def demand(self) -> None:
        """Raises NoCenter with what to write, when there is no center here."""
        if not (self.directory / "center.yaml").is_file():
            raise NoCenter(
                f"there is no center.yaml in {self.directory}; name the center's directory: "
                "switchboard --center DIR ..."
            )

    def installation(self) -> Installation:
        """The Asterisk that serves this center. Raises AsteriskMissing."""
        return find_installation(ROOT)


def place_of(context: typer.Context, center: bool = True) -> Place:
    """The place that the command line named; NoCenter where `center` and it holds none."""
    place = context.find_object(Place)
    assert place is not None  # noqa: S101 - the callback of the whole command has put it there
    if center:
        place.demand()
    return place
