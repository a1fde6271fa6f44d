"""Fax lines as dialplan: what a line calls itself before it receives."""

from collections.abc import Mapping

from fax2pdf.fax import FaxLine
from switchboard.pbx.dialplan import Context
from switchboard.yamltext import Text


def fax_context(lines: Mapping[Text, FaxLine], version: str) -> Context:
    """`fax-vN`: NAME sets up the line and goes to `receive-fax`."""
    context = Context(f"fax-{version}")
    for name, line in lines.items():
        context.extension(
            name,
            [
                f"MSet(FAX={name},LIMIT={line.max_minutes * 60})",
                f"Set(FAXOPT(localstationid)={line.station_id})",
                "Goto(receive-fax,s,1)",
            ],
        )
    return context
