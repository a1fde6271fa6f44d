"""A test process has a network for itself."""

import errno
import socket

import pytest


def test_the_own_network_is_a_free_loopback_and_nothing_else(own_network: None) -> None:
    assert socket.if_nameindex() == [(1, "lo")]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as center, socket.socket() as outside:
        center.bind(("127.0.0.2", 5090))
        center.sendto(b"to oneself", ("127.0.0.2", 5090))
        assert center.recv(100) == b"to oneself"
        with pytest.raises(OSError) as unreachable:
            outside.connect(("192.0.2.1", 80))
    assert unreachable.value.errno == errno.ENETUNREACH
