"""Fixtures of the line to Asterisk."""

from collections.abc import AsyncIterator, Iterator

import pytest

from switchboard.pbx.installation import Installation
from tests.pbx.proxy import Proxy
from tests.pbx.tiny import Tiny


@pytest.fixture
def files(installation: Installation) -> Iterator[Tiny]:
    """The files of an Asterisk that does not run."""
    tiny = Tiny(installation)
    yield tiny
    tiny.remove()


@pytest.fixture
async def tiny(files: Tiny) -> AsyncIterator[Tiny]:
    """A running Asterisk."""
    await files.process.start()
    yield files
    files.process.kill()  # tests of stopping have their own
    await files.process.stop()


@pytest.fixture
async def proxy(tiny: Tiny) -> AsyncIterator[Proxy]:
    async with Proxy(tiny.ami_port) as proxy:
        yield proxy
