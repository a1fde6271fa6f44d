"""What agents dial: colleagues, departments, mailboxes, and the codes for their own state."""

import shutil
from pathlib import Path

import pytest

from tests.centers import EXAMPLE
from tests.journeys.center import CLOSED, OPEN, Center, they_hear_each_other
from tests.sip.call import Call
from tests.sip.fixtures import OpenPhone
from tests.sip.phone import Phone, PhoneError

pytestmark = pytest.mark.asterisk

SALES = "+74950000003"


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, in which 203 hears English and 201 rings for a short time."""
    directory = tmp_path_factory.mktemp("agents") / "center"
    shutil.copytree(EXAMPLE, directory)
    path = directory / "center.yaml"
    text = path.read_text().replace("{name: Chai Suwan,", "{name: Chai, language: en,")
    path.write_text(text.replace("{name: Anna Ivanova,", "{name: Anna, ring_seconds: 4,"))
    return directory


async def says(phone: Phone, code: str, prompt: str) -> None:
    """The phone dials the code, hears the prompt, and the call ends."""
    call = await phone.dial(code)
    assert await call.hears(prompt), call.heard()
    await call.ended()


async def waits_for_nobody(center: Center, number: str = SALES) -> bool:
    """Whether a caller is led on because no member of sales is there."""
    call = await center.call(number)
    heard = await call.hears("ru/sales-greeting", within=4)
    await call.hangup()
    return heard is not None


async def test_colleagues_ring_by_number_with_name_and_hear_each_other(center: Center) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    call = await boris.dial("201")
    ring = await anna.rings()
    assert (ring.from_number, ring.from_name) == ("202", "Boris Petrov")
    answered = await ring.answer()
    await call.answered()
    await they_hear_each_other(call, answered)


@pytest.mark.parametrize("why", ["busy", "silent", "not registered"])
async def test_a_colleague_who_does_not_take_a_call_has_a_mailbox(center: Center, why: str) -> None:
    boris = await center.phone("202")
    anna = await center.phone("201") if why != "not registered" else None
    call = await boris.dial("201")
    if anna:
        ring = await anna.rings()
        if why == "busy":
            await ring.refuse()
    assert await call.hears("ru/vm-theperson", within=8)
    assert await call.hears("ru/vm-intro", within=15)
    assert any(event.startswith("untaken 201") for event in center.events())


async def test_a_colleague_who_does_not_take_a_call_leads_to_a_department(center: Center) -> None:
    anna, chai = await center.phone("201"), await center.phone("203")
    await anna.dial("203")
    await (await chai.rings()).refuse()
    await (await chai.rings()).answer()
    assert "untaken 203 BUSY" in center.events()


async def test_a_department_is_called_by_its_number(center: Center) -> None:
    anna, boris = await center.phone("201"), await center.phone("202")
    await boris.dial("501")
    ring = await anna.rings()
    assert (ring.from_name, ring.from_number) == ("Sales Boris Petrov", "202")


async def test_a_mailbox_is_called_by_its_number(center: Center) -> None:
    call = await (await center.phone("201")).dial("801")
    assert await call.hears("ru/sales-greeting")


@pytest.mark.parametrize(
    ("extension", "number", "language"),
    [
        ("201", "999", "ru"),
        ("201", "+7495", "ru"),
        ("201", "*99", "ru"),
        ("203", "7", "en"),
    ],
)
async def test_a_number_that_is_none_is_spoken(
    center: Center, extension: str, number: str, language: str
) -> None:
    await says(await center.phone(extension), number, f"{language}/no-such-number")


@pytest.mark.parametrize(("extension", "language"), [("201", "ru"), ("203", "en")])
async def test_an_agent_signs_out_and_in(center: Center, extension: str, language: str) -> None:
    phone = await center.phone(extension)
    await says(phone, "*45", f"{language}/signed-out")
    assert f"PJSIP/{extension}" not in await center.cli("queue show")
    await says(phone, "*45", f"{language}/signed-in")
    assert f"PJSIP/{extension}" in await center.cli("queue show")
    assert [f"signed-out {extension}", f"signed-in {extension}"] == [
        event for event in center.events() if event.startswith("signed")
    ]


async def test_who_signs_in_again_has_the_penalty_of_the_file(center: Center) -> None:
    boris = await center.phone("202")
    await says(boris, "*45", "ru/signed-out")
    await says(boris, "*45", "ru/signed-in")
    assert "(PJSIP/202) with penalty 1" in await center.cli("queue show sales")


async def test_an_agent_pauses_with_a_reason_and_resumes(center: Center) -> None:
    anna = await center.phone("201")
    await says(anna, "*462", "ru/paused")
    assert "paused:training" in await center.cli("queue show sales")
    assert await waits_for_nobody(center)
    await says(anna, "*46", "ru/resumed")
    await center.call(SALES)
    await anna.rings()


async def test_a_reason_that_is_none_pauses_nobody(center: Center) -> None:
    anna = await center.phone("201")
    await says(anna, "*469", "ru/unknown-reason")
    assert "paused:" not in await center.cli("queue show sales")


async def test_the_switch_goes_round_and_is_obeyed(center: Center) -> None:
    anna = await center.phone("201")
    await says(anna, "*28", "ru/closed-now")
    await reaches(center, anna, open_now=False)
    await center.clock(CLOSED)
    await says(anna, "*28", "ru/open-now")
    await reaches(center, anna, open_now=True)
    await says(anna, "*28", "ru/as-calendar")
    await reaches(center, anna, open_now=False)
    await center.clock(OPEN)
    await reaches(center, anna, open_now=True)


async def reaches(center: Center, anna: Phone, open_now: bool) -> None:
    """A caller of sales makes the phone ring, or hears that sales is closed."""
    call = await center.call(SALES)
    if open_now:
        ring = await anna.rings()
        await call.hangup()
        await ring.stops()
    else:
        assert await call.hears("ru/sales-closed-0-announce")
        await call.hangup()


async def test_an_agent_hears_the_own_mailbox_without_a_pin(center: Center) -> None:
    call = await (await center.phone("201")).dial("*97")
    assert await call.hears("ru/vm-youhave")


async def test_an_agent_without_a_mailbox_is_told(center: Center) -> None:
    call = await (await center.phone("203")).dial("*97")
    assert await call.hears("en/no-such-number")


async def opened(phone: Phone, pin: str) -> Call:
    """*98, the box 801, and a PIN."""
    call = await phone.dial("*98")
    assert await call.hears("ru/mailbox-number")
    await call.press("801#")
    assert await call.hears("ru/vm-password")
    await call.press(f"{pin}#")
    return call


async def test_any_mailbox_opens_by_its_number_and_pin(center: Center) -> None:
    call = await opened(await center.phone("202"), "83014")
    assert await call.hears("ru/vm-youhave")


async def test_a_wrong_pin_opens_nothing(center: Center) -> None:
    call = await opened(await center.phone("202"), "00000")
    assert await call.hears("ru/vm-incorrect")
    assert "ru/vm-youhave" not in call.heard()


async def test_a_mailbox_that_is_none_is_told(center: Center) -> None:
    call = await (await center.phone("202")).dial("*98")
    assert await call.hears("ru/mailbox-number")
    await call.press("999#")
    assert await call.hears("ru/no-such-number")


async def test_a_wrong_secret_is_refused(center: Center, open_phone: OpenPhone) -> None:
    with pytest.raises(PhoneError, match=r"40[13]"):
        await open_phone(at="127.0.0.1:5060", register="201", secret="another-secret-0815")


async def test_signing_out_and_pausing_outlive_asterisk(center: Center) -> None:
    anna, chai = await center.phone("201"), await center.phone("203")
    await says(chai, "*45", "en/signed-out")
    await says(anna, "*461", "ru/paused")
    await center.running.loses_asterisk(within=15)
    shown = await center.cli("queue show")
    assert "paused:lunch" in shown
    assert "PJSIP/203" not in shown
    assert "PJSIP/202" in shown
    anna, chai = await center.phone("201"), await center.phone("203")
    await says(chai, "*45", "en/signed-in")
    await says(anna, "*46", "ru/resumed")
