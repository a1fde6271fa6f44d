"""What a SIP peer puts into names, numbers and dialled strings is data, and never more."""

import asyncio
import csv
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from center.line import open_line
from switchboard.pbx.live import LiveView
from switchboard.pbx.snapshot import Live
from tests.journeys.center import CEL_FIELDS, Center
from tests.sip import sipp

pytestmark = pytest.mark.asterisk

MAIN, SALES = "+74950000001", "+74950000003"
CDR_FIELDS = (
    "uniqueid linkedid sequence start answer end disposition amaflags channel dstchannel lastapp"
    " dcontext accountcode peeraccount dst src clid"
).split()
LONG = 4000
HEADERS = (
    '\nDiversion: "{name}" <sip:{user}@127.0.0.2>;reason="{name}"',
    '\nP-Asserted-Identity: "{name}" <sip:{user}@127.0.0.2>',
    '\nRemote-Party-ID: "{name}" <sip:{user}@127.0.0.2>;party=calling',
)

MALFORMED = {
    "variables": "${SHELL(id)}",
    "brackets": "+7916)(][}{",
    "separators": "+7916|1^2",
    "control characters": "+7916\x01\x02",
    "bytes": "\udcff\udcfe",
    "a space": "+79 16",
}
# what a caller may call himself: (display name, user)
CALLERS = {
    "lines": ("A%0d%0aEvent: Forged", "+7916%0d%0aAction:%20Originate%0d%0a"),
    "control characters": ("a\x01\x02\x08\x0b\x0c\x1b[31m\x7fz", "+7916%01%08%1b%7f1"),
    "nul": ("a%00b", "+7916%001112233"),
    "separators": ("a;b&c|d,e^f", "+7916;x=y&PJSIP%2f202%7c1,2%5e3"),
    "variables": ("${SHELL(id)}$(id)`id`", "$%7bSHELL(id)%7d"),
    "functions": ("$[1+1]", "+7916%24%7bSHELL(id)%7d"),
    "quotes": (r"a\"b\\c'd", "+7916%22%27%5c"),
    "brackets": ("a)b(c]d[e}f{g", "+7916)(%5d%5b%7d%7b"),
    "overlong utf-8": ("\udcc0\udcaf\udce0\udc80\udcaf\udcff", "%c0%af%e0%80%af%ff"),
    "cut utf-8": ("я" * 39 + "a" + "я" * 10, "%d1"),
    "direction": ("a\u202eb\u2066c\u2028d\u0085e", "+7916%e2%80%ae"),
    "formula": ("=HYPERLINK(1)", "=1+1"),
    "markup": ("<script>alert(1)</script>", "%3cscript%3e"),
    "long name": ("n" * LONG, "+79161112233"),
    "long user": ("n", "9" * LONG),
    "not a name": ("", "anonymous"),
}


async def place(
    center: Center,
    caller: tuple[str, str],
    to: str = MAIN,
    headers: str = "",
    key: str = "1",
    stay_ms: int = 300,
    within: float = 15,
) -> sipp.Counts:
    """A call from the trunk's address, answered, a key pressed, ended by the caller."""
    name, user = caller
    fields = {
        "from": f'"{name}" <sip:{user}@127.0.0.2>',
        "headers": headers,
        "to": to,
        "key": sipp.key(key),
        "press_after_ms": "300",
        "stay_ms": str(stay_ms),
    }
    return await sipp.run("call", at="127.0.0.1:5060", within=within, fields=fields)


def rows(path: Path) -> list[list[str]]:
    """A log as a reader of CSV sees it."""
    with path.open(newline="", errors="surrogateescape") as file:
        return list(csv.reader(file))


@pytest.fixture
async def logs(center: Center) -> AsyncIterator[Path]:
    """Asterisk's logs; afterwards every record in them has all its columns, and no more."""
    log = center.running.state.asterisk / "log"
    yield log
    await center.running.becomes_quiet()
    assert {len(row) for row in rows(log / "cel-custom" / "cel.csv")} == {len(CEL_FIELDS)}
    assert {len(row) for row in rows(log / "cdr-custom" / "cdr.csv")} == {len(CDR_FIELDS)}
    queue_log = (log / "queue_log").read_text(errors="surrogateescape").split("\n")[:-1]
    assert all(re.match(r"\d+\|[^|]*\|[^|]*\|[^|]*\|[A-Z]+(\||$)", line) for line in queue_log)


async def live(center: Center) -> Live:
    """What the live view says."""
    async with open_line(center.running.state) as ami:
        return await LiveView(ami).refresh()


def is_clean(text: str) -> bool:
    """No control character and no more than a screen has room for."""
    return text.isprintable() and len(text) <= 80


@pytest.mark.parametrize("what", CALLERS)
async def test_whatever_a_caller_is_called_the_call_is_answered_and_nothing_forged(
    center: Center, logs: Path, what: str
) -> None:
    anna = await center.phone("201")
    placing = asyncio.create_task(place(center, CALLERS[what], SALES, stay_ms=1500))
    ring = await anna.rings()
    assert re.fullmatch(r"[+\d]{0,32}|127.0.0.1", ring.from_number)
    assert not re.search("[\x00-\x1f\x7f]", ring.from_name) and len(ring.from_name) < 90
    now = await live(center)
    [call] = now.calls
    [waiting] = now.departments["sales"].waiting
    assert is_clean(call.from_name) and re.fullmatch(r"[+\d]{0,32}", call.from_number)
    assert is_clean(waiting.name) and re.fullmatch(r"[+\d]{0,32}", waiting.number)
    placed = await placing
    assert placed.successful == 1, placed.errors
    arrived = [row for row in center.cel() if row.event == "arrived"]
    assert len(arrived) == 1
    assert "uid=" not in center.running.told()


@pytest.mark.parametrize("what", MALFORMED)
async def test_an_address_that_is_none_is_let_in_by_nobody_and_the_next_call_is_answered(
    center: Center, logs: Path, what: str
) -> None:
    placed = await place(center, ("Ivan", MALFORMED[what]), within=1)
    assert placed.successful == 0
    assert not center.events()
    assert (await place(center, CALLERS["not a name"])).successful == 1


async def test_whatever_stands_in_headers_is_cleaned_and_the_calls_answered(
    center: Center, logs: Path
) -> None:
    placed = await asyncio.gather(
        *(
            place(
                center,
                ("Ivan", "+79161112233"),
                headers="".join(header.format(name=name, user=user) for header in HEADERS),
            )
            for name, user in CALLERS.values()
        )
    )
    assert [call.errors for call in placed if call.successful != 1] == []
    arrived = set()
    for row in center.cel():
        if row.event == "arrived":
            arrived.add(row.linkedid)
        if row.linkedid in arrived:
            for field in ("num", "ani", "rdnis", "dnid"):
                assert re.fullmatch(r"[+\d]{0,32}", row.fields[field]), (field, row)
            assert not re.search("[\x00-\x1f\x7f]", row.fields["name"])
    assert len(arrived) == len(CALLERS)


async def test_callers_from_outside_dial_nothing_of_the_inside(center: Center, logs: Path) -> None:
    dialled = [
        *("500&PJSIP%2f202", "202", "112", "*97", "*45", "s", "h", "8;112", "+74951234567"),
        "9" * LONG,
    ]
    boris = await center.phone("202")
    placed = await asyncio.gather(
        *(place(center, ("Anna", "201"), to=number, key="*") for number in dialled)
    )
    assert [call.errors for call in placed if call.successful != 1] == []
    assert boris.is_quiet
    assert {row.channel.rpartition("-")[0] for row in center.cel()} == {"PJSIP/carrier"}
    asked = {row.linkedid for row in center.cel() if row.event == "menu"}
    assert len(asked) == len(dialled)


@pytest.mark.parametrize(
    "dialled", ["500&PJSIP%2f202", "900&202", "%24%7bSHELL(id)%7d", "s", "h", "T", "7" * 1000]
)
async def test_an_extension_that_dials_no_number_is_told(center: Center, dialled: str) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    assert await (await anna.dial(dialled)).hears("ru/no-such-number")
    assert boris.is_quiet


@pytest.mark.parametrize("claimed", ["201", "+79161112233", "carrier"])
async def test_a_call_from_an_unknown_address_is_not_let_in(center: Center, claimed: str) -> None:
    call = await (await center.stranger()).dial(MAIN, from_number=claimed)
    assert (await call.ended()).code == 401
    assert not center.events()


async def test_who_calls_from_the_trunks_address_as_201_is_a_caller_from_outside(
    center: Center,
) -> None:
    boris = await center.phone("202")
    call = await center.call("202", caller="201")
    assert await call.hears("ru/main-long")
    assert boris.is_quiet
    assert {row.channel.rpartition("-")[0] for row in center.cel()} == {"PJSIP/carrier"}


async def test_a_caller_from_outside_does_not_learn_who_answered(center: Center) -> None:
    anna = await center.phone("201")
    line = await center.caller()
    call = await line.dial("+74950000201", from_number="+79161112233")
    await (await anna.rings()).answer()
    await call.answered()
    assert "Anna" not in (line.folder / "sip.log").read_text()
