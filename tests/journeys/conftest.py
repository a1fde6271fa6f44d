"""A center that runs for a module's tests, on the loopback of this test process alone."""

from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from switchboard.pbx.installation import Installation
from tests.centers import EXAMPLE, write_center
from tests.journeys.center import OPEN, Center, RunningCenter
from tests.journeys.inbox import Inbox, open_inbox
from tests.sip.fixtures import OpenPhone


@pytest.fixture(scope="session")
def prompt_cache(request: pytest.FixtureRequest) -> Path:
    """Spoken prompts, kept from one run of the tests to the next."""
    return Path(request.config.cache.mkdir("prompts"))


@pytest.fixture(scope="module")
def center_directory(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The center that runs: the module's `CENTER` with its `MENUS`, else the example.

    A module whose center is more than text has its own fixture of this name.
    """
    module = request.module
    if not hasattr(module, "CENTER"):
        return EXAMPLE
    menus = getattr(module, "MENUS", {})
    return write_center(tmp_path_factory.mktemp("center"), module.CENTER, menus)


@pytest.fixture(scope="module")
def running(
    own_network: None, installation: Installation, center_directory: Path, prompt_cache: Path
) -> Iterator[RunningCenter]:
    """One start for all tests of a module."""
    with RunningCenter(center_directory, prompt_cache) as running:
        yield running


@pytest.fixture(scope="module")
def carried_by(request: pytest.FixtureRequest, running: RunningCenter) -> Iterator[None]:
    """Calls are carried by the native twin alone; with the parameter `python`, by the engine."""
    by_python = getattr(request, "param", "twin") == "python"
    before = running.carried_by_python
    with nullcontext() if by_python else running.without_python():
        yield
    assert (running.carried_by_python != before) == by_python


@pytest.fixture(scope="module")
def inbox(own_network: None) -> Iterator[Inbox]:
    """Where the example's `mail:` points."""
    with open_inbox(2525) as inbox:
        yield inbox


@pytest.fixture
async def quiet_afterwards(running: RunningCenter) -> AsyncIterator[None]:
    """When the telephones of a test are gone, no channel is left."""
    yield
    await running.becomes_quiet()


@pytest.fixture
async def center(running: RunningCenter, quiet_afterwards: None, open_phone: OpenPhone) -> Center:
    """The running center, in its opening hours, no member in the wrap-up of another test's call."""
    center = Center(running, open_phone)
    await center.clock(OPEN)
    await center.cli("queue reset stats")
    return center
