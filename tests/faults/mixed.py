"""Five hundred callers, each with a number of its own, and the center that they call."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.sip import sipp

CENTER = """\
name: Balance
timezone: Europe/Moscow
country: RU
language: en
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
callers: {blocked: ["+79162*"]}
hours: {always: {weekly: {mon-sun: "00:00-24:00"}}}
numbers:
  "+74950000001": [{from: blocked, reject: busy}, {menu: main}]
  "+74950000002": {department: support}
  "+74950000003": {department: sales}
  "+74950000004": {voicemail: sales}
  "+74950000009": {fax: office}
  "+74950000201": {extension: "201"}
  "+74950000202": {extension: "202"}
extensions: {"201": {}, "202": {}, "203": {}, "204": {}, "205": {}, "206": {}, "207": {}}
departments:
  sales: {members: ["201", "202", "203", "204", "205", "206"]}
  support: {members: ["207"], when_no_agents: {goodbye: {say: Nobody is there today.}}}
voicemail: {sales: {pin: "83014", greeting: {say: "Please speak."}}}
fax: {office: {}}
outbound: {trunk: carrier, caller_id: "+74950000001", allow: ["+7495"], hours: always}
"""
MENUS = {
    "main": """\
prompt: {say: "This is the main menu. For sales press one, for more press two."}
keys:
  1: {department: sales}
  3: {goodbye: {say: That was the third key.}, announce: {say: This announcement has some length.}}
wait_seconds: 2
digit_seconds: 0.5
otherwise: {goodbye: {say: You have pressed nothing that we know.}}
"""
}
AGENTS = ("201", "202", "203", "204", "205", "206")
FAX = "+74950000009"
PLACED_SECONDS = 180  # all calls come within


@dataclass(frozen=True)
class Stream:
    """So many callers who dial `to`, press a key and stay; their numbers begin with `caller`."""

    calls: int
    to: str
    key: str
    press_after_ms: int
    stay_ms: int
    caller: str = "+79161"

    async def placed(self, number: int) -> None:
        await sipp.run(
            "speaks",
            folder=Path(__file__).with_name("scenarios"),
            at="127.0.0.1:5060",
            calls=self.calls,
            per_second=self.calls / PLACED_SECONDS,
            within=PLACED_SECONDS + 60,
            fields={
                "caller": f"{self.caller}{number:02}",
                "to": self.to,
                "key": sipp.key(self.key),
                "press_after_ms": str(self.press_after_ms),
                "speech": str(sipp.CAPTURES / "g711a.pcap"),
                "stay_ms": str(self.stay_ms),
            },
        )


MIX = [
    Stream(110, "+74950000003", "5", 500, 12_000),
    Stream(60, "+74950000001", "1", 500, 11_000),
    Stream(35, "+74950000201", "5", 500, 8_000),
    Stream(35, "+74950000202", "5", 500, 2_000),
    Stream(60, "+74950000004", "#", 300, 5_000),
    Stream(40, "+74950000004", "5", 300, 100),
    Stream(30, "+74950000003", "5", 300, 1_000),
    Stream(30, "+74950000002", "5", 300, 9_000),
    Stream(30, "+74950000001", "9", 300, 9_000),
    Stream(30, "+74950000001", "3", 500, 4_500),
    Stream(20, "+74959999999", "1", 100, 100),
    Stream(20, "+74950000001", "1", 100, 100, caller="+79162"),
]


async def all_call() -> None:
    await asyncio.gather(*(stream.placed(number) for number, stream in enumerate(MIX, 10)))
