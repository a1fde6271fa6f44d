"""Telephones that watch others, in a process of their own: what they do is not the callers' time.

    python -m bench.stand.lamps SECRET WATCHER EXTENSION COUNT

WATCHER watches EXTENSION, the next one the next, COUNT times; says `watching` and goes on until its
input ends.
"""

import asyncio
import sys

from bench.stand.telephones import Line

HEADERS = {"Event": "dialog", "Accept": "application/dialog-info+xml", "Expires": "600"}


async def main(secret: str, watcher: int, extension: int, count: int) -> None:
    phones = Line("127.0.0.1", 7001)
    await phones.open()
    for number in range(count):
        uri = f"sip:{extension + number}@127.0.0.1"
        await phones.signed("SUBSCRIBE", uri, str(watcher + number), secret, HEADERS)
    print("watching", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    phones.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
