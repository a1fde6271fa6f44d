"""The mailboxes of a center as their letters need them: addresses, and how people call things."""

from center.load import Center
from voicemail.deliver import Boxes
from voicemail.letter import Letterhead, Names


def boxes_of(center: Center) -> Boxes:
    """Without `mail:` there is no sender, and no letter is written."""
    ground = center.ground
    head = None
    if ground.mail is not None:
        head = Letterhead(
            company=str(ground.name),
            sender=str(ground.mail.sender),
            zone=ground.zone,
            language=str(ground.language),
            names=_names(center),
        )
    mailboxes = {str(name): box for name, box in center.voicemail.voicemail.items()}
    return Boxes(mailboxes, head, str(ground.language), ground.keep.voicemail_days)


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
