"""A proxy between a line and Asterisk that can cut it, hold it up, and split what passes."""

import asyncio
from asyncio import StreamReader, StreamWriter
from typing import Self


class Proxy:
    """An async context that listens at `port` for Asterisk's manager at `target`.

    While `swallows_questions` or `swallows_answers`, bytes vanish and the connection stays open,
    as when a cable is pulled. With `piece` everything is passed on in pieces of so many bytes.
    """

    def __init__(self, target: int) -> None:
        self.swallows_questions = False
        self.swallows_answers = False
        self.piece = 65536
        self.connections = 0
        self._target = target
        self._open: set[StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Close all connections, at both ends."""
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        self._open |= {writer, far_writer}
        await asyncio.gather(
            self._pass(reader, far_writer, questions=True),
            self._pass(far_reader, writer, questions=False),
        )

    async def _pass(self, reader: StreamReader, writer: StreamWriter, *, questions: bool) -> None:
        try:
            while data := await reader.read(65536):
                if self.swallows_questions if questions else self.swallows_answers:
                    continue
                for start in range(0, len(data), self.piece):
                    writer.write(data[start : start + self.piece])
                    await writer.drain()
        except OSError:
            pass
        finally:
            self._open.discard(writer)
            writer.close()
