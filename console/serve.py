"""The command `run`."""

import asyncio
from typing import Annotated

import typer

from console.place import place_of
from console.run import run_center

app = typer.Typer()


@app.command()
def run(
    context: typer.Context,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="print the extensions' secrets too")
    ] = False,
) -> None:
    """Start the version applied last and every service, in the foreground."""
    asyncio.run(run_center(place_of(context), show_secrets))
