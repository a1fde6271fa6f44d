"""What every test may use. Helpers that belong to one kind of test stand beside those tests."""

from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.sip.fixtures"]
# An example that takes long on a busy machine is no failure; in CI hypothesis knows by itself.
settings.register_profile("unhurried", parent=settings(), deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout, with `.asterisk` in it."""
    return ROOT
