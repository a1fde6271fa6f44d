"""A network of its own for one process: nothing but a loopback, on which every port is free.

So several test processes on one machine run the same center on the same addresses, and nothing a
test sends can reach any other machine.
"""

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNET = 0x40000000  # linux/sched.h
SIOCSIFFLAGS = 0x8914  # linux/sockios.h
SIOCSIFADDR = 0x8916
IFF_UP = 0x1


def leave_for_own_network() -> None:
    """Moves the calling thread, and what it starts from now on, for good. OSError without root."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"a network of its own: {os.strerror(number)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


def take_address(address: str) -> None:
    """The loopback of this network answers to one more address, such as that before a NAT."""
    request = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(address))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFADDR, request)
