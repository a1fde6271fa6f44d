"""What a telephone must be told to be an extension: the account, a QR code of it, a ready file."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import segno

from center.load import Center
from center.secrets import Secrets
from switchboard.errors import SwitchboardError
from switchboard.yamltext import Text

EVERYWHERE = ("0.0.0.0", "[::]")  # noqa: S104 - looked for, never listened on


class NoSuchExtension(SwitchboardError):
    """The center has no such extension."""


class NoServer(SwitchboardError):
    """The center listens on every address: which of them telephones shall use must be said."""


@dataclass(frozen=True)
class Account:
    """One extension as a telephone knows it; `server` is `HOST:PORT`."""

    number: str
    name: str
    secret: str
    server: str
    transport: str

    @property
    def host(self) -> str:
        return self.server.rpartition(":")[0]

    @property
    def port(self) -> str:
        return self.server.rpartition(":")[2]

    @property
    def uri(self) -> str:
        """Everything in one line, as RFC 3261 writes it; the QR code says this."""
        scheme = "sips" if self.transport == "tls" else "sip"
        return f"{scheme}:{self.number}:{self.secret}@{self.server};transport={self.transport}"


def account_of(center: Center, secrets: Secrets, number: str, server: str | None) -> Account:
    """The account of an extension. Raises NoSuchExtension, NoServer."""
    extension = center.router.extensions.get(Text(number))
    if extension is None:
        raise NoSuchExtension(f"there is no extension {number}")
    listen = center.ground.listen
    address = listen.sips or listen.sip
    host, _, port = address.rpartition(":")
    host = str(listen.external or host)
    if server is None and host in EVERYWHERE:
        raise NoServer("say by which address telephones reach this machine: --server HOST")
    if server is not None:
        host, _, own = server.partition(":")
        port = own or port
    transport = "tls" if listen.sips else "udp"
    name = str(extension.name or number)
    return Account(number, name, secrets[number], f"{host}:{port}", transport)


def qr_code(account: Account) -> str:
    """The QR code in block characters, for a terminal."""
    drawn = io.StringIO()
    segno.make(account.uri, error="m").terminal(drawn, compact=True)
    return drawn.getvalue()


def _linphone(account: Account) -> str:
    """Remote provisioning of Linphone."""
    identity = f'"{account.name}" <sip:{account.number}@{account.host}>'
    proxy = f"<sip:{account.server};transport={account.transport}>"
    sections = {
        "auth_info_0": {
            "username": account.number,
            "passwd": account.secret,
            "domain": account.host,
        },
        "proxy_0": {
            "reg_identity": identity,
            "reg_proxy": proxy,
            "reg_sendregister": "1",
            "reg_expires": "300",
        },
        "sip": {"default_proxy": "0"},
    }
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">',
    ]
    for section, entries in sections.items():
        lines.append(f"  <section name={quoteattr(section)}>")
        for name, value in entries.items():
            text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            lines.append(f'    <entry name="{name}" overwrite="true">{text}</entry>')
        lines.append("  </section>")
    return "\n".join([*lines, "</config>", ""])


def _yealink(account: Account) -> str:
    """A configuration file of Yealink's telephones."""
    transport = {"udp": "0", "tcp": "1", "tls": "2"}[account.transport]
    values = {
        "account.1.enable": "1",
        "account.1.label": account.name,
        "account.1.display_name": account.name,
        "account.1.user_name": account.number,
        "account.1.auth_name": account.number,
        "account.1.password": account.secret,
        "account.1.sip_server.1.address": account.host,
        "account.1.sip_server.1.port": account.port,
        "account.1.sip_server.1.transport_type": transport,
        "account.1.sip_server.1.expires": "300",
        "account.1.srtp_encryption": "2" if account.transport == "tls" else "0",
        "voice_mail.number.1": "*97",
    }
    return "#!version:1.0.0.1\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


FILES: Mapping[str, Callable[[Account], str]] = {"linphone": _linphone, "yealink": _yealink}
