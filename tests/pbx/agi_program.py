"""A program that can be killed while it answers a call: it listens at a free port and prints it."""

import asyncio

from switchboard.pbx.agi_call import AgiCall
from switchboard.pbx.agi_server import AgiServer


async def ivr(call: AgiCall) -> None:
    await call.gosub("ask", "s", 1, "keys")
    await call.set_variable("DEST", await call.get_variable("KEY"))


async def main() -> None:
    print(await AgiServer({"ivr": ivr}).start("127.0.0.1", 0), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
