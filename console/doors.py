"""The doors of `switchboard`: which module a command lives in, loaded when it is called.

Most commands need neither the database nor Asterisk's lines; they must not wait for their import.
"""

from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_group

# command -> the module whose `app` has it; in the order of the help
DOORS = {
    "run": "console.serve",
    "voicemail": "console.messages",
    "fax": "console.fax_commands",
    "outbox": "console.post_office",
    "alarms": "console.post_office",
    "outbound": "console.outside",
    "phone": "console.phones",
    "report": "console.reporting",
    "reports": "console.scheduling",
    "call": "console.reporting",
    "rebuild": "console.reporting",
    "export": "console.personal",
    "forget": "console.personal",
    "keep": "console.personal",
}


class Doors(TyperGroup):
    """Its own commands, and those behind the doors."""

    # typer carries a click of its own, whose names are private: contexts and commands are Any
    def list_commands(self, ctx: Any) -> list[str]:
        """Names, as the help lists them."""
        return [*super().list_commands(ctx), *DOORS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name; None where there is none."""
        if cmd_name not in DOORS:
            return super().get_command(ctx, cmd_name)
        return get_group(import_module(DOORS[cmd_name]).app).get_command(ctx, cmd_name)
