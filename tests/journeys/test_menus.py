"""What callers hear and reach in the menus of the example, in both languages."""

import pytest

from tests.journeys.center import Center

pytestmark = pytest.mark.asterisk


async def test_a_caller_hears_the_menu_and_key_1_rings_sales(center: Center) -> None:
    anna = await center.phone("201")
    call = await center.call("+74950000001")
    assert await call.hears("ru/main-long")
    await call.press("1")
    ring = await anna.rings()
    assert (ring.from_name, ring.from_number) == ("Sales", "+79260000001")
    await call.hangup()
