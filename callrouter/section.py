"""The router's section of `center.yaml`: numbers, callers, hours, lines, departments."""

from pydantic import Field

from callrouter.callers import WrittenCallers
from callrouter.department import Department
from callrouter.destination import WrittenRoute
from callrouter.hours import Hours
from callrouter.line import Emergency, Extension, Outbound, Trunk
from switchboard.noun import Noun
from switchboard.yamltext import Text

OTHER = "other"  # the key of `numbers` that takes the rest


class RouterSection(Noun):
    """Everything that decides where a call goes, the menus apart."""

    trunks: dict[Text, Trunk] = {}
    numbers: dict[Text, WrittenRoute] = {}
    callers: dict[Text, WrittenCallers] = {}
    hours: dict[Text, Hours] = {}
    extensions: dict[Text, Extension] = {}
    departments: dict[Text, Department] = {}
    pause_reasons: dict[Text, Text] = {}
    parking_seconds: int = Field(default=120, ge=5, le=3600)
    emergency: Emergency = Emergency()
    outbound: Outbound | None = None
