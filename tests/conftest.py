"""What every test may use. Helpers that belong to one kind of test stand beside those tests."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.sip.fixtures"]

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout, with `.asterisk` in it."""
    return ROOT
