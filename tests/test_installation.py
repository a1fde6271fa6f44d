"""Two commands on a fresh machine: what is missing is told, what is half done is mended."""

import fcntl
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console import progress
from console.install import (
    environment_stamp,
    fingerprint,
    lacking_in_environment,
    lacking_of_asterisk,
    unpack_asterisk,
)
from console.progress import InstallFailed, run_showing_progress
from switchboard.pbx.installation import (
    AsteriskMissing,
    find_installation,
    private_command,
    wanted_modules,
)

SCRIPT_MODE = 0o755


def write_script(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    path.chmod(SCRIPT_MODE)


def lay_modules(modules_dir: Path) -> None:
    modules_dir.mkdir(parents=True)
    for name in wanted_modules():
        (modules_dir / name).touch()


def lay_small_root(root: Path, version: str = "22.10.1") -> None:
    """A tree in the shape of Debian's packages whose program only knows its version."""
    loader = Path(private_command(root)[0])
    write_script(loader, f"echo Asterisk {version}")
    lay_modules(loader.parent / "asterisk" / "modules")
    (root / "usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU/digits").mkdir(parents=True)


@pytest.fixture
def bare_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in front of PATH: what a test lays here is found before what the host has."""
    bin_dir = tmp_path / "host" / "sbin"
    write_script(bin_dir / "asterisk", "echo Asterisk 20.6.0")
    monkeypatch.setenv("PATH", f"{bin_dir}:{os.environ['PATH']}")
    return bin_dir


@pytest.fixture
def machine(tmp_path: Path, bare_host: Path) -> Path:
    """A checkout on a host whose mmdebstrap lays the small root instead of downloading."""
    lay_small_root(tmp_path / "packages")
    write_script(
        bare_host / "mmdebstrap", f'for target; do :; done; cp -r {tmp_path}/packages "$target"'
    )
    root = tmp_path / "checkout"
    (root / ".asterisk").mkdir(parents=True)
    return root


def test_a_fresh_checkout_gets_asterisk_with_its_version_noted_and_its_sounds(
    machine: Path,
) -> None:
    assert lacking_of_asterisk(machine) == "There is no Asterisk yet."
    unpack_asterisk(machine)
    found = find_installation(machine)
    assert found.version == (machine / ".asterisk/version").read_text().strip() == "22.10.1"
    assert list(found.sounds) == ["ru"]


def test_an_unpacking_that_was_cut_short_is_noticed_and_made_anew(machine: Path) -> None:
    for half in ("root", "root.part"):
        (machine / ".asterisk" / half).mkdir()
        (machine / ".asterisk" / half / "half").touch()
    assert "unpacked only in part" in lacking_of_asterisk(machine)
    unpack_asterisk(machine)
    assert lacking_of_asterisk(machine) == ""
    assert not list((machine / ".asterisk").glob("**/half"))


def test_an_unpacking_that_fails_tells_its_last_words_and_leaves_nothing_usable(
    machine: Path, bare_host: Path
) -> None:
    write_script(
        bare_host / "mmdebstrap",
        'for target; do :; done; mkdir -p "$target/usr"; echo E: the mirror is away; exit 25',
    )
    with pytest.raises(InstallFailed, match="E: the mirror is away"):
        unpack_asterisk(machine)
    assert lacking_of_asterisk(machine) == "There is no Asterisk yet."


def test_another_version_than_the_one_unpacked_is_told_with_both_names(machine: Path) -> None:
    unpack_asterisk(machine)
    write_script(Path(private_command(machine / ".asterisk/root")[0]), "echo Asterisk 22.9.0")
    with pytest.raises(AsteriskMissing, match=r"is Asterisk 22\.9\.0, but 22\.10\.1 was unpacked"):
        find_installation(machine)


def test_an_asterisk_that_is_too_old_is_refused(machine: Path, tmp_path: Path) -> None:
    write_script(Path(private_command(tmp_path / "packages")[0]), "echo Asterisk 21.4.0")
    unpack_asterisk(machine)
    assert "22 or newer is needed" in lacking_of_asterisk(machine)


def test_a_module_that_went_missing_is_named(machine: Path) -> None:
    unpack_asterisk(machine)
    (find_installation(machine).modules_dir / "app_queue.so").unlink()
    assert lacking_of_asterisk(machine).endswith("lacks app_queue.so.")


def test_a_newer_asterisk_than_the_tested_one_is_taken_and_said(
    machine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_script(Path(private_command(tmp_path / "packages")[0]), "echo Asterisk 23.1.0")
    unpack_asterisk(machine)
    assert find_installation(machine).version == "23.1.0"
    assert "Debian has 23.1.0 now; we were tested with" in capsys.readouterr().out


def test_the_hosts_asterisk_is_taken_when_it_has_every_module(
    machine: Path, bare_host: Path
) -> None:
    write_script(bare_host / "asterisk", "echo Asterisk 22.4.0")
    lay_modules(bare_host.parent / "lib" / "asterisk" / "modules")
    assert find_installation(machine).command == (str(bare_host / "asterisk"),)


def test_the_hosts_asterisk_is_passed_over_when_it_lacks_a_module(
    machine: Path, bare_host: Path
) -> None:
    unpack_asterisk(machine)
    write_script(bare_host / "asterisk", "echo Asterisk 22.4.0")
    lay_modules(bare_host.parent / "lib" / "asterisk" / "modules")
    (bare_host.parent / "lib/asterisk/modules/res_fax.so").unlink()
    assert find_installation(machine).version == "22.10.1"


def test_a_machine_without_a_private_asterisk_is_told_before_anything_is_fetched(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(AsteriskMissing, match="machine of type riscv64: install Asterisk 22"):
        unpack_asterisk(machine)
    assert not (machine / ".asterisk/root").exists()


def test_an_environment_serves_until_its_dependencies_change_or_its_python_goes(
    tmp_path: Path,
) -> None:
    wanted, python = tmp_path / "pyproject.toml", tmp_path / ".venv/bin/python"
    wanted.write_text("dependencies = []")
    python.parent.mkdir(parents=True)
    python.touch()
    assert lacking_in_environment(tmp_path)  # left half made: no stamp
    environment_stamp(tmp_path).write_text(fingerprint(tmp_path))
    assert not lacking_in_environment(tmp_path)
    wanted.write_text("dependencies = ['rich']")
    assert lacking_in_environment(tmp_path)
    environment_stamp(tmp_path).write_text(fingerprint(tmp_path))
    python.unlink()
    assert lacking_in_environment(tmp_path)


def test_a_long_step_shows_what_it_does_and_what_it_said_when_it_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "SHOW_EVERY_SECONDS", 0.1)
    with pytest.raises(InstallFailed, match=r"(?s)failed:.*unpacking.*disk full"):
        run_showing_progress(["sh", "-c", "echo unpacking; sleep 0.5; echo disk full; exit 1"])
    assert " s  unpacking" in capsys.readouterr().out


def run_installer(project: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "console.install"],
        cwd=project,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_what_the_installer_may_not_install_it_names_with_the_command_that_does(
    project: Path, tmp_path: Path
) -> None:
    # without apt-get on PATH it stands where a user stands who is not root
    with run_installer(project, PATH=str(tmp_path)) as installer:
        said, _ = installer.communicate(timeout=30)
    assert installer.returncode == 1
    assert "These packages are missing: espeak-ng, ffmpeg," in said
    assert "sudo apt-get install --yes --no-install-recommends espeak-ng ffmpeg" in said


def test_a_second_run_is_over_in_a_moment_and_says_nothing(project: Path) -> None:
    started = time.monotonic()
    with run_installer(project) as installer:
        said, _ = installer.communicate(timeout=60)
    assert (installer.returncode, said) == (0, "")
    assert time.monotonic() - started < 5


def test_two_installers_at_once_wait_for_each_other(project: Path) -> None:
    with (project / ".asterisk/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with run_installer(project) as installer:
            assert installer.stdout is not None
            assert "waiting for it to end" in installer.stdout.readline()
            assert installer.poll() is None
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert installer.wait(timeout=60) == 0
