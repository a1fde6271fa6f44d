"""Children for work on what strangers sent, forked from a process that has the libraries loaded.

To start Python and to read the libraries takes 0.2 s of a processor, to fork takes milliseconds. A
child has limits and a deadline; where it crashes, nothing is lost but its own piece of work.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict

from switchboard.convert import ConversionFailed, yielding
from switchboard.forked import DONE, LONGEST_WORDS, Order


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
            argv = [*yielding(), sys.executable, "-P", "-m", "switchboard.forked"]
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
