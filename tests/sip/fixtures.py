"""Fixtures for tests with telephones; a conftest takes them by
`pytest_plugins = ["tests.sip.fixtures"]`.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from switchboard.pbx.installation import Installation, find_installation
from tests.sip.loopback import leave_for_own_network
from tests.sip.phone import Phone

ROOT = Path(__file__).parents[2]

OpenPhone = Callable[..., Awaitable[Phone]]


@pytest.fixture(scope="session")
def own_network() -> None:
    """This test process has the whole loopback, every address and port, for itself."""
    if os.geteuid() != 0:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse("not root: a test process gets a network of its own only as root")
    leave_for_own_network()


@pytest.fixture(scope="session")
def installation() -> Installation:
    return find_installation(ROOT)


@pytest.fixture
async def open_phone(own_network: None, tmp_path: Path) -> AsyncIterator[OpenPhone]:
    """Opens telephones (arguments as `Phone`'s) that go when the test ends.

    What they said by SIP and what they heard stays in the test's directory: `phone-1/sip.log`.
    """
    async with AsyncExitStack() as phones:
        count = iter(range(1, 1000))

        async def open_one(**settings: Any) -> Phone:
            folder = tmp_path / f"phone-{next(count)}"
            return await phones.enter_async_context(Phone(**settings, folder=folder))

        yield open_one
