"""`switchboard phone`: what a telephone must be told to be an extension."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text as Styled

from center.apply import checked_center
from center.provision import FILES, Account, account_of, qr_code
from center.secrets import read_secrets
from console import show
from console.place import place_of
from switchboard.files import write_whole

app = typer.Typer()
Form = Literal["linphone", "yealink"]


@app.command()
def phone(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="the extension")],
    server: Annotated[
        str | None, typer.Option(help="HOST or HOST:PORT by which it reaches us [default: listen]")
    ] = None,
    form: Annotated[Form, typer.Option("--for", help="whose file -o writes")] = "linphone",
    file: Annotated[Path | None, typer.Option("-o", help="write a file to provision it")] = None,
) -> None:
    """The account of an extension, as text, QR code and file; all of them hold its secret."""
    place = place_of(context)
    center, _ = checked_center(place.directory, place.state)
    account = account_of(center, read_secrets(center, place.state), number, server)
    for key, value in _lines(account).items():
        show.out.print(Styled(f"{key:10} {value}"))
    show.out.print(Styled(qr_code(account)))
    if file is not None:
        write_whole(file, FILES[form](account))
        show.out.print(f"{file} holds the secret: give it to nobody else")


def _lines(account: Account) -> dict[str, str]:
    return {
        "name": account.name,
        "user": account.number,
        "secret": account.secret,
        "server": account.server,
        "transport": account.transport,
    }
