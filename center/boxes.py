"""The mailboxes of a center as their letters need them: addresses, and how people call things."""

from pathlib import Path

from center.load import Center
from switchboard.wording import Letterhead, Names
from voicemail.boxes import Boxes, Speech


def boxes_of(center: Center, directory: Path) -> Boxes:
    """A model is looked for in the working `directory`: it is no part of a version."""
    ground, head = center.ground, letterhead_of(center)
    mailboxes = {str(name): box for name, box in center.voicemail.voicemail.items()}
    wanted = center.voicemail.speech_to_text
    speech = Speech(directory / wanted.model, wanted.wait_seconds) if wanted else None
    return Boxes(mailboxes, head, str(ground.language), ground.keep.voicemail_days, speech)


def letterhead_of(center: Center) -> Letterhead | None:
    """None without `mail:`: there is no sender, and no letter is written."""
    ground = center.ground
    if ground.mail is None:
        return None
    return Letterhead(
        company=str(ground.name),
        sender=str(ground.mail.sender),
        zone=ground.zone,
        language=str(ground.language),
        names=_names(center),
    )


def _names(center: Center) -> Names:
    """A mailbox is called like the extension or department whose name it has."""
    router = center.router
    extensions = {
        str(number): {"": str(extension.name)}
        for number, extension in router.extensions.items()
        if extension.name is not None
    }
    departments = {
        str(name): {str(language): str(text) for language, text in department.name.items()}
        for name, department in router.departments.items()
    }
    return {
        **{f"mailbox/{name}": names for name, names in {**departments, **extensions}.items()},
        **{f"department/{name}": names for name, names in departments.items()},
        **{f"extension/{number}": names for number, names in extensions.items()},
    }
