"""The ground's section of `center.yaml`: the house's name and clock, where it listens, its mail."""

import ipaddress
import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from switchboard.noun import Noun
from switchboard.numbering import is_country
from switchboard.problems import Problems, meant
from switchboard.shapes import Count, Texts
from switchboard.yamltext import Text

LANGUAGE_PATTERN = re.compile(r"^[a-z]{2}$")


def _timezone(name: Text) -> Text:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = meant(name, available_timezones())
        raise ValueError(f"“{name}” is not a time zone{near}") from None
    return name


def _country(code: Text) -> Text:
    if not is_country(code):
        raise ValueError(f"“{code}” is not a country by its two capital letters, such as RU")
    return code


def _language(code: Text) -> Text:
    if not LANGUAGE_PATTERN.fullmatch(code):
        raise ValueError(f"“{code}” is not a language by its two letters, such as en")
    return code


def _address(written: Text) -> Text:
    host, _, port = written.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise ValueError(f"“{written}” is not ADDRESS:PORT such as 127.0.0.1:5060") from None
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"“{written}” has no port from 1 to 65535")
    return written


def _ports(written: Text) -> Text:
    first, _, last = written.partition("-")
    if not (first.isdigit() and last.isdigit()):
        raise ValueError(f"“{written}” is not a range of ports such as 10000-10999")
    if not 1024 <= int(first) < int(last) <= 65535 or int(last) - int(first) < 3:
        raise ValueError(f"“{written}” is not a rising range between 1024 and 65535")
    return written


def _ip(written: Text) -> Text:
    try:
        ipaddress.ip_address(written)
    except ValueError:
        raise ValueError(f"“{written}” is not an IP address") from None
    return written


def _networks(written: tuple[Text, ...]) -> tuple[Text, ...]:
    for network in written:
        try:
            ipaddress.ip_network(network)
        except ValueError as trouble:
            raise ValueError(
                f"“{network}” is not a network such as 10.0.0.0/8: {trouble}"
            ) from None
    return written


Timezone = Annotated[Text, AfterValidator(_timezone)]
Country = Annotated[Text, AfterValidator(_country)]
Language = Annotated[Text, AfterValidator(_language)]
Address = Annotated[Text, AfterValidator(_address)]
Ip = Annotated[Text, AfterValidator(_ip)]
Networks = Annotated[Texts, AfterValidator(_networks)]


class Listen(Noun):
    """Where the center listens: loopback unless told otherwise."""

    sip: Address = Text("127.0.0.1:5060")
    sips: Address | None = None
    rtp: Annotated[Text, AfterValidator(_ports)] = Text("10000-10999")
    agi: Address = Text("127.0.0.1:4573")
    ami: Address = Text("127.0.0.1:5038")
    web: Address = Text("127.0.0.1:8080")
    external: Ip | None = None
    local: Networks = ()
    max_calls: Count | None = None
    certificate: Text | None = None
    private_key: Text | None = None

    @property
    def rtp_ports(self) -> tuple[int, int]:
        """The first and the last port of sound and faxes."""
        first, _, last = self.rtp.partition("-")
        return int(first), int(last)


class Mail(Noun):
    """The mail server that takes our letters."""

    host: Text
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = "starttls"
    sender: Text
    user: Text | None = None
    password: Text | None = None
    password_file: Text | None = None


class Alarms(Noun):
    """Who is told when something is wrong."""

    email: Texts = ()


class Keep(Noun):
    """For how long things are kept."""

    raw_days: Count = 400
    voicemail_days: Count = 90
    fax_days: Count = 365
    letter_days: Count = 400


class GroundSection(Noun):
    """The keys of `center.yaml` that every room stands on."""

    name: Text
    timezone: Timezone
    country: Country
    language: Language
    languages: tuple[Language, ...] = ()
    listen: Listen = Listen()
    mail: Mail | None = None
    alarms: Alarms = Alarms()
    keep: Keep = Keep()
    drain_seconds: int = Field(default=20, ge=0, le=3600)

    @property
    def spoken(self) -> tuple[Text, ...]:
        """The languages of the center, its own first."""
        return tuple(dict.fromkeys((self.language, *self.languages)))

    @property
    def zone(self) -> ZoneInfo:
        """The center's time zone."""
        return ZoneInfo(self.timezone)


def check_ground(ground: GroundSection, problems: Problems) -> None:
    """What the ground's keys say together."""
    listen = ground.listen
    if listen.sips is not None and (listen.certificate is None or listen.private_key is None):
        problems.error(
            listen.sips.place,
            "TLS needs `certificate: FILE` and `private_key: FILE` beside it",
            "no-certificate",
        )
    seen: dict[str, str] = {}
    for key in ("sip", "sips", "agi", "ami", "web"):
        address = getattr(listen, key)
        if address is not None and address in seen:
            place = address.place
            problems.error(place, f"`{key}` listens where `{seen[address]}` does", "port-twice")
        if address is not None:
            seen[address] = key
