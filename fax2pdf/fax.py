"""A fax line: where its pages go and how it names itself to the other machine."""

from pydantic import Field

from switchboard.noun import Noun
from switchboard.shapes import Texts
from switchboard.yamltext import Text


class FaxLine(Noun):
    """One line that answers as a fax machine."""

    email: Texts = ()
    station_id: Text = Field(default=Text(""), description="shown on the sender's display")
