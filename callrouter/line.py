"""Lines: the extensions of the house, the trunks to the outside, and what may go out over them."""

from typing import Literal

from pydantic import Field

from callrouter.destination import WrittenRoute
from switchboard.noun import Noun
from switchboard.section import Networks
from switchboard.shapes import Count, Seconds, Texts
from switchboard.yamltext import Text


class Extension(Noun):
    """A phone of a colleague; `otherwise` takes the calls that it does not."""

    name: Text | None = None
    secret: Text | None = None
    secret_file: Text | None = None
    language: Text | None = None
    caller_id: Text | None = None
    networks: Networks = ()
    max_contacts: int = Field(default=1, ge=1, le=5)
    ring_seconds: Seconds = 20
    otherwise: WrittenRoute | None = None


class Registration(Noun):
    """How we sign in to a carrier that does not know us by address."""

    user: Text
    secret: Text | None = None
    secret_file: Text | None = None
    expires_seconds: int = Field(default=300, ge=60, le=86_400)


class Trunk(Noun):
    """A carrier: where our calls go, and from which addresses its calls come."""

    host: Text
    accept_from: Texts = ()
    max_calls: Count | None = None
    transport: Literal["udp", "tcp", "tls"] = "udp"
    register_as: Registration | None = Field(default=None, alias="register")
    user: Text | None = None
    secret: Text | None = None
    secret_file: Text | None = None


class Emergency(Noun):
    """Numbers that always go out; by default those of the country."""

    numbers: Texts = ()
    trunk: Texts = ()
    caller_id: Text | None = None
    tell: Texts = ()
    ring: Texts = ()


class OutsideNumber(Noun):
    """How long an outside number of the YAML rings, and where a call goes that it does not take."""

    ring_seconds: Seconds = 30
    otherwise: WrittenRoute | None = None


class Outbound(Noun):
    """What extensions may dial through a trunk; all that goes out is under the same caps."""

    trunk: Texts
    caller_id: Text
    allow: Texts = ()
    premium: bool = False
    max_calls: Count | None = None
    max_call_minutes: Count | None = None
    max_minutes_a_day: Count | None = None
    hours: Text | None = None
    numbers: dict[Text, OutsideNumber] = {}
