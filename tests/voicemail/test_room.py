"""Whether a message can be recorded is seen on the spool's disk and its folders."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from voicemail.room import LEAST_FILES, Room

ASTERISK = 65534


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Path]:
    """A spool with its own small disk, of an account that is not ours."""
    if os.geteuid():
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse("not root: a disk of our own cannot be mounted")
    spool = tmp_path / "spool" / "voicemail"
    spool.mkdir(parents=True)
    options = f"size=2m,nr_inodes=40,uid={ASTERISK},mode=700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tiny", spool], check=True)
    os.chown(spool.parent, ASTERISK, ASTERISK)
    (spool / "center").mkdir(mode=0o700)
    os.chown(spool / "center", ASTERISK, ASTERISK)
    yield spool
    subprocess.run(["umount", "--lazy", spool], check=True)


def told(room: Room) -> str:
    room.look()
    return room.trouble.words if room.trouble else ""


def test_a_spool_in_order_has_room_also_before_its_first_message(spool: Path) -> None:
    assert told(Room(spool)) == ""
    (spool / "center").rmdir()
    assert told(Room(spool)) == ""


def test_a_disk_with_few_bytes_or_files_or_none_to_write_has_no_room(spool: Path) -> None:
    room = Room(spool)
    (spool / "ballast").write_bytes(bytes(2_040_000))
    assert "KiB are free" in told(room)
    (spool / "ballast").unlink()
    free = os.statvfs(spool).f_favail
    for number in range(free - LEAST_FILES + 1):
        (spool / f"ballast-{number}").touch()
    assert f"{LEAST_FILES - 1} more files fit" in told(room)
    (spool / "ballast-0").unlink()
    assert told(room) == ""
    subprocess.run(["mount", "-o", "remount,ro", spool], check=True)
    assert "is read-only" in told(room)


@pytest.mark.parametrize(
    ("mode", "owner", "is_told"),
    [
        (0o000, ASTERISK, True),
        (0o500, ASTERISK, True),
        (0o700, 0, True),
        (0o700, ASTERISK, False),
        (0o707, 0, False),
    ],
)
def test_a_folder_that_asterisks_account_cannot_use_has_no_room(
    spool: Path, mode: int, owner: int, is_told: bool
) -> None:
    os.chown(spool / "center", owner, owner)
    (spool / "center").chmod(mode)
    assert ("cannot be used" in told(Room(spool))) == is_told


def test_asterisk_hears_of_it_until_it_is_over(spool: Path) -> None:
    room = Room(spool)
    assert not room.look()
    (spool / "center").chmod(0)
    assert room.look() and room.look()
