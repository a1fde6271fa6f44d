"""A spool as Asterisk leaves it, written byte for byte."""

import os
from pathlib import Path
from struct import Struct

BEGAN = 1795307111  # 2026-11-22 00:25:11 UTC
RATE = 16000  # bytes a second
HEADER = Struct("<4sI4s4sIHHIIHH4sI")

ENVELOPE = """\
;
; Message Information file
;
[message]
origmailbox={mailbox}
context=leave-message
exten=s
rdnis=unknown
priority=6
callerchan=PJSIP/carrier-00000000
callerid={callerid}
origdate=Sun Nov 22 12:25:11 AM UTC 2026
origtime={origtime}
category={category}
msg_id={msg_id}
flag=
duration={seconds}
"""


def wav(samples: bytes, promised: int | None = None) -> bytes:
    """A WAV as format_wav writes it; `promised` is the length that its header tells."""
    told = len(samples) if promised is None else promised
    whole = min(told + 36, 0xFFFFFFFF) if told else 0
    sound = (16, 1, 1, 8000, RATE, 2, 16)
    return HEADER.pack(b"RIFF", whole, b"WAVE", b"fmt ", *sound, b"data", told) + samples


def noise(seconds: float, seed: int = 1) -> bytes:
    """Samples that no other message has."""
    return (b"%08d" % seed) * int(seconds * RATE / 8)


class WrittenSpool:
    """`root` is what `voicemail.spool.Spool` reads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._count = 0

    def folder(self, mailbox: str = "sales", folder: str = "INBOX") -> Path:
        path = self.root / mailbox / folder
        path.mkdir(parents=True, exist_ok=True)
        return path

    def message(
        self,
        mailbox: str = "sales",
        folder: str = "INBOX",
        *,
        callerid: str = '"Иван" <+79260000001>',
        category: str = "",
        seconds: float = 3,
        sound: bytes | None = None,
    ) -> Path:
        """A whole message with the next number; the path of its sound."""
        self._count += 1
        number = len(list(self.folder(mailbox, folder).glob("*.txt")))
        path = self.folder(mailbox, folder) / f"msg{number:04}.wav"
        path.write_bytes(wav(noise(seconds, self._count)) if sound is None else sound)
        text = ENVELOPE.format(
            mailbox=mailbox,
            callerid=callerid,
            category=category,
            origtime=BEGAN + self._count,
            msg_id=f"{BEGAN + self._count}-{self._count:08x}",
            seconds=int(seconds),
        )
        path.with_suffix(".txt").write_text(text, "utf-8")
        return path

    def recording(self, sound: bytes | None, mailbox: str = "sales", name: str = "wX5Cdj") -> Path:
        """What Asterisk has of a message while it records; the path of its sound."""
        path = self.folder(mailbox, "tmp") / f"{name}.wav"
        path.with_suffix("").write_bytes(b"")
        if sound is not None:
            path.write_bytes(sound)
        return path

    def delete(self, number: int, mailbox: str = "sales", folder: str = "INBOX") -> None:
        """As Asterisk does: the messages behind it get the next lower numbers."""
        inbox = self.folder(mailbox, folder)
        for path in inbox.glob(f"msg{number:04}.*"):
            path.unlink()
        for after in range(number + 1, 10_000):
            if not (inbox / f"msg{after:04}.txt").exists():
                return
            for suffix in ("wav", "txt"):
                (inbox / f"msg{after:04}.{suffix}").rename(inbox / f"msg{after - 1:04}.{suffix}")


def age(path: Path, seconds: float, now: float) -> None:
    """Let a file have been written so long before `now`."""
    os.utime(path, (now - seconds, now - seconds))
