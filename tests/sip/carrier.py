"""The telephone network as a second Asterisk: it brings calls to the center and takes its calls.

    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        await carrier.behaves("+74951234567", "busy")
        ...
        assert [call.number for call in await carrier.calls()] == ["112"]

What the center sends here is answered (a second of 440 Hz, then an echo) or treated as `behaves`
says. Telephones that call here (any caller, any number) are passed on to the center.
"""

from dataclasses import dataclass
from typing import Literal

from switchboard.pbx.installation import Installation
from tests.sip.asterisk import SmallAsterisk

Behaviour = Literal["answer", "busy", "ring", "missing", "congested", "moved"]

PJSIP_CONF = """\
[global]
type = global
endpoint_identifier_order = ip,anonymous

[udp]
type = transport
protocol = udp
bind = {listen}

[center]
type = endpoint
context = from-center
disallow = all
allow = ulaw,alaw,g722
aors = center
direct_media = no
dtmf_mode = auto
send_pai = no

[center]
type = aor
contact = sip:{center}

[center]
type = identify
endpoint = center
match = {center}

[anonymous]
type = endpoint
context = from-callers
disallow = all
allow = ulaw,alaw
direct_media = no
dtmf_mode = auto
"""

EXTENSIONS_CONF = """\
[from-callers]
exten => _[+0-9].,1,Dial(PJSIP/${EXTEN}@center)

[from-center]
exten => _[+0-9].,1,Set(DB(calls/${UNIQUEID})=${EXTEN}|${CALLERID(num)}|${CALLERID(name)})
 same => n,Goto(${IF($[${DB_EXISTS(behaves/${EXTEN})}]?${DB_RESULT}:answer)},1)
exten => answer,1,Answer()
 same => n,PlayTones(440)
 same => n,Wait(1)
 same => n,StopPlayTones()
 same => n,Echo()
exten => busy,1,Busy(1)
exten => ring,1,Ringing()
 same => n,Wait(120)
exten => missing,1,Hangup(1)
exten => congested,1,Congestion(1)
exten => moved,1,Transfer(PJSIP/sip:+74957777777@127.0.0.1)
"""

RTP_CONF = """\
[general]
rtpstart = 40000
rtpend = 41999
"""


@dataclass(frozen=True)
class Carried:
    """A call that the center sent to the carrier."""

    number: str
    caller_number: str
    caller_name: str


class Carrier(SmallAsterisk):
    """`center` and `listen` are `HOST:PORT`; the center knows the carrier by the latter."""

    def __init__(self, installation: Installation, *, center: str, listen: str) -> None:
        files = {
            "pjsip.conf": PJSIP_CONF.format(center=center, listen=listen),
            "extensions.conf": EXTENSIONS_CONF,
            "rtp.conf": RTP_CONF,
        }
        super().__init__(installation, files)

    async def behaves(self, number: str, behaviour: Behaviour) -> None:
        """What the called `number` does from now on."""
        await self.rx(f"database put behaves {number} {behaviour}")

    async def calls(self) -> list[Carried]:
        """The calls of the center so far, in order, refused ones too."""
        lines = (await self.rx("database show calls")).splitlines()
        values = [line.partition(":")[2].strip() for line in lines if line.startswith("/calls/")]
        return [Carried(*value.split("|", 2)) for value in values]
