"""The process that forks children, and what a child does (`python -m switchboard.forked MODULES`).

It hears orders from its standard input, a socket of `switchboard.forking`; each brings another
socket, by which the child says who it is, and how it went.
"""

import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

LONGEST_ORDER_BYTES = 64 << 10
LONGEST_WORDS = 300
LARGEST_FILE_BYTES = 1 << 30
DONE = "done"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Order:
    """`main(arguments)` of a module of ours, in a directory; `seconds` of time and of work."""

    module: str
    arguments: Sequence[str]
    directory: str
    seconds: int
    memory_bytes: int


def serve(orders: socket.socket) -> None:
    """Fork a child for each order until there are no more to come."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a child ended but its socket
    while True:
        content, descriptors, *_ = socket.recv_fds(orders, LONGEST_ORDER_BYTES, 1)
        if not content:
            return
        with socket.socket(fileno=descriptors[0]) as answers:
            order = Order(**json.loads(content))
            with suppress(Exception):  # the child fails in the same way, and tells
                importlib.import_module(order.module)
            gc.freeze()
            if os.fork() == 0:
                orders.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _work(order, answers)


def _work(order: Order, answers: socket.socket) -> None:
    """All that a child does; it never returns."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.alarm(order.seconds + 1)  # also when nobody waits for it any more
        socket.send_fds(answers, [b"\n"], [os.pidfd_open(os.getpid())])
        words = _done(order)
        answers.sendall(words.encode(errors="replace")[: 3 * LONGEST_WORDS])
    finally:
        os._exit(0)


def _done(order: Order) -> str:
    limits = {
        resource.RLIMIT_CPU: order.seconds,
        resource.RLIMIT_AS: order.memory_bytes,
        resource.RLIMIT_FSIZE: LARGEST_FILE_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    try:
        for limit, most in limits.items():
            resource.setrlimit(limit, (most, most))
        os.chdir(order.directory)
        importlib.import_module(order.module).main(order.arguments)
    except BaseException as failed:  # broken files raise anything
        return f"{type(failed).__name__}: {failed}"[:LONGEST_WORDS]
    return DONE


if __name__ == "__main__":
    for module in sys.argv[1:]:
        importlib.import_module(module)
    serve(socket.socket(fileno=0))
