"""The section `voicemail:` of `center.yaml`."""

from switchboard.noun import Noun
from switchboard.problems import Problems
from switchboard.yamltext import Text
from voicemail.mailbox import Mailbox, pin_weakness
from voicemail.speech import SpeechToText


class VoicemailSection(Noun):
    """The mailboxes by name, and whether what was said is written down."""

    voicemail: dict[Text, Mailbox] = {}
    speech_to_text: SpeechToText | None = None


def check_voicemail(section: VoicemailSection, problems: Problems) -> None:
    """Weak PINs, two boxes that are dialled alike, and letters that nobody gets."""
    dialled: dict[str, str] = {}
    for name, box in section.voicemail.items():
        number = box.dialled(name)
        weakness = pin_weakness(box.pin, number)
        if weakness:
            problems.error(box.pin.place, f"this PIN is weak: {weakness}", "weak-pin")
        if number is not None and number in dialled:
            place = (box.number or name).place
            problems.error(
                place, f"{number} is also the mailbox “{dialled[number]}”", "number-twice"
            )
        if number is not None:
            dialled[number] = name
        if box.after_delivery != "keep" and not box.email:
            message = f"“{name}” has no `email`: nothing is delivered, and every message is kept"
            problems.warning(name.place, message, "no-letter")
