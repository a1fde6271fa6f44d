"""Fax machines as a second Asterisk: each call sends pages of its own, several at once.

async with FaxMachines(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as fax:
    sent = await fax.send("+74950000009", pages, Sending(t38=False, caller="+79260000001"))
    assert sent.pages == 3
"""

import asyncio
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from switchboard.pbx.installation import Installation
from tests.sip.asterisk import SmallAsterisk

MODULES = "pbx_spool.so res_fax.so res_fax_spandsp.so res_pjsip_t38.so".split()

PJSIP_CONF = """\
[global]
type = global
endpoint_identifier_order = ip

[udp]
type = transport
protocol = udp
bind = {listen}

[machine](!)
type = endpoint
context = nowhere
disallow = all
allow = alaw,ulaw
aors = center
direct_media = no
from_domain = 127.0.0.2

[t38](machine)
t38_udptl = yes
t38_udptl_ec = redundancy

[audio](machine)
t38_udptl = no

[center]
type = aor
contact = sip:{center}

[center]
type = identify
endpoint = t38
match = {center}
"""

EXTENSIONS_CONF = """\
[send]
exten => s,1,Set(FAXOPT(ecm)=${ECM})
 same => n,Set(FAXOPT(localstationid)=${STATION})
 same => n,Set(FAXOPT(maxrate)=${MAXRATE})
 same => n,SendFAX(${PAGES},f)
 same => n,Hangup()
exten => h,1,Set(DB(sent/${ID})=${FAXOPT(status)}|${FAXOPT(pages)}|${FAXMODE}|${FAXOPT(statusstr)})
exten => failed,1,Set(DB(sent/${ID})=FAILED|0||not answered)
"""

CALL = """\
Channel: PJSIP/{endpoint}/sip:{number}@{center}
CallerID: "{name}" <{caller}>
WaitTime: 20
Context: send
Extension: s
Priority: 1
Setvar: PAGES={pages}
Setvar: ID={id}
Setvar: ECM={ecm}
Setvar: STATION={station}
Setvar: MAXRATE={rate}
"""


@dataclass(frozen=True)
class Sending:
    """How a machine sends: over T.38 or as sound, with error correction or without."""

    t38: bool = True
    ecm: bool = True
    caller: str = "+79260000001"
    name: str = ""
    station: str = "+7 926 000 00 01"
    rate: int = 14400


@dataclass(frozen=True)
class Sent:
    """What the sending machine says of it. `mode` is `T38` or `audio`."""

    status: str
    pages: int
    mode: str
    words: str


class FaxMachines(SmallAsterisk):
    """`center` and `listen` are `HOST:PORT`."""

    def __init__(self, installation: Installation, *, center: str, listen: str) -> None:
        self._center = center
        self._ids = count(1)
        files = {
            "pjsip.conf": PJSIP_CONF.format(center=center, listen=listen),
            "extensions.conf": EXTENSIONS_CONF,
            "rtp.conf": "[general]\nrtpstart = 42000\nrtpend = 43999\n",
            "udptl.conf": "[general]\nudptlstart = 44000\nudptlend = 44999\n",
            "res_fax.conf": "[general]\nmaxrate = 14400\nminrate = 2400\n",
        }
        super().__init__(installation, files, tuple(MODULES))

    async def dial(self, number: str, pages: Path, sending: Sending) -> int:
        """Begin to send; the id of the call."""
        call = next(self._ids)
        text = CALL.format(
            endpoint="t38" if sending.t38 else "audio",
            number=number,
            center=self._center,
            name=sending.name,
            caller=sending.caller,
            pages=pages,
            id=call,
            ecm="yes" if sending.ecm else "no",
            station=sending.station,
            rate=sending.rate,
        )
        outgoing = self.home / "outgoing"
        outgoing.mkdir(exist_ok=True)
        part = self.home / f"{call}.part"
        part.write_text(text)
        part.rename(outgoing / f"{call}.call")
        return call

    async def ended(self, call: int, within: float) -> Sent:
        """How a call went, as soon as it is over."""
        deadline = asyncio.get_running_loop().time() + within
        while "Value: " not in (told := await self.rx(f"database get sent {call}")):
            assert asyncio.get_running_loop().time() < deadline, self.log[-3000:]
            await asyncio.sleep(0.25)
        status, pages, mode, words = told.partition("Value: ")[2].strip().split("|", 3)
        return Sent(status, int(pages or 0), mode, words)

    async def hang_up(self, caller: str) -> None:
        """The machine with this number ends its call."""
        for line in (await self.rx("core show channels concise")).splitlines():
            name, *fields = line.split("!")
            if caller in fields:
                await self.rx(f"channel request hangup {name}")

    async def send(self, number: str, pages: Path, sending: Sending, within: float = 100) -> Sent:
        return await self.ended(await self.dial(number, pages, sending), within)
