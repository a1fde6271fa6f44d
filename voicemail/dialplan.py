"""Mailboxes as dialplan: where a call leaves a message, and which box a number opens."""

from collections.abc import Mapping

from switchboard.pbx.dialplan import Context
from switchboard.yamltext import Text
from voicemail.mailbox import Mailbox


def voicemail_context(
    mailboxes: Mapping[Text, Mailbox], greetings: Mapping[str, str], version: str
) -> Context:
    """`voicemail-vN`: NAME sets what `leave-message` needs. `greetings` are prompt ids by box."""
    context = Context(f"voicemail-{version}", includes=["fax-tone"])
    for name in mailboxes:
        greeting = f"sb/{greetings[name]}" if name in greetings else ""
        context.extension(
            name,
            [
                f"Set(MAILBOX={name})",
                f"Set(GREETING={greeting})",
                f"Set(OPTIONS={_options(name, bool(greeting))})",
                "Goto(leave-message,s,1)",
            ],
        )
    return context


def _options(name: str, greeted: bool) -> str:
    """`s` leaves out Asterisk's instructions; `u` plays the owner's own greeting, or his number."""
    if greeted:
        return "s"
    return "u" if name.isdigit() else ""


def box_context(mailboxes: Mapping[Text, Mailbox], version: str) -> Context:
    """`box-vN`: the number entered after *98 opens its box, which wants its PIN."""
    context = Context(f"box-{version}")
    for name, box in mailboxes.items():
        number = box.dialled(name)
        if number is not None:
            context.extension(number, [f"Set(MAILBOX={name})", "Goto(open-mailbox,s,1)"])
    return context
