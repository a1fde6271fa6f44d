"""Children for work on what strangers sent, forked from a process that has the libraries loaded.

To start Python and to read the libraries takes 0.2 s of a processor, to fork takes milliseconds. A
child has limits and a deadline; where it crashes, nothing is lost but its own piece of work.
"""

import asyncio
import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from switchboard.convert import LARGEST_FILE_BYTES, ConversionFailed, yielding

LONGEST_ORDER_BYTES = 64 << 10
LONGEST_WORDS = 300
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


class Forker:
    """A process that has `modules` loaded: started by `start` or by the first order, another where
    it is gone, ended by `close`. At most `at_once` children work at a time."""

    def __init__(self, *modules: str, at_once: int) -> None:
        self._modules = modules
        self._gate = asyncio.Semaphore(at_once)
        self._server: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    async def work(self, order: Order) -> None:
        """Have it done. Raises ConversionFailed; when cancelled, the child is gone before this
        returns."""
        async with self._gate:
            server = self.start()
            answer = await self._asked(order)
            if not answer and server.poll() is not None:  # it took its children with it
                answer = await self._asked(order)
        if answer != DONE:
            raise ConversionFailed(f"{order.module} failed: {answer or 'it crashed'}")

    def start(self) -> "subprocess.Popen[bytes]":
        """The process that forks, another one where it is gone."""
        if self._server is None or self._server.poll() is not None:
            self.close()
            self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            argv = [*yielding(), sys.executable, "-P", "-m", "switchboard.forking"]
            with theirs:
                self._server = subprocess.Popen(
                    [*argv, *self._modules],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                )
        return self._server

    def close(self) -> None:
        """End the process; a child that still works dies with it."""
        if self._line is not None and self._server is not None:
            self._line.close()
            self._server.kill()
            self._server.wait()
        self._line = self._server = None

    async def _asked(self, order: Order) -> str:
        """The child's last words, "" where it had none."""
        self.start()
        assert self._line is not None  # noqa: S101 - it was made with the process
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                content = json.dumps(asdict(order)).encode()
                try:
                    socket.send_fds(self._line, [content], [theirs.fileno()])
                except OSError:  # the process has just gone
                    return ""
            ours.setblocking(False)
            return await _heard(ours, order)


async def _heard(child: socket.socket, order: Order) -> str:
    process: int | None = None
    try:
        async with asyncio.timeout(order.seconds):
            await _readable(child)
            with suppress(OSError):
                _, (process, *_), *_ = socket.recv_fds(child, 1, 1)
            return await _rest(child)
    except TimeoutError:
        raise ConversionFailed(f"{order.module} took longer than {order.seconds} s") from None
    except ValueError:  # it ended before it had begun
        return ""
    finally:
        if process is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, signal.SIGKILL)
            await _readable(process)  # as soon as it is gone
            os.close(process)


async def _rest(child: socket.socket) -> str:
    """What it says until it is gone."""
    words = b""
    while True:
        await _readable(child)
        try:
            some = child.recv(4 * LONGEST_WORDS)
        except ConnectionResetError:
            some = b""
        if not some:
            return words.decode(errors="replace")
        words += some


async def _readable(file: socket.socket | int) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(file, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(file)


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
