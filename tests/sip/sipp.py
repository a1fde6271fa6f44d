"""Calls that no telephone would make, by SIPp: malformed, hostile, too early, too late, too many.

A scenario is an XML file in `scenarios/` or another folder; `{{name}}` in it is filled in byte for
byte before SIPp reads it, so that anything can stand in a header; bytes that are no UTF-8 as
surrogate escapes.
"""

import asyncio
import csv
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

SCENARIOS = Path(__file__).with_name("scenarios")
CAPTURES = Path("/usr/share/sip-tester")  # where Debian's sip-tester keeps its recorded keys
KEY_NAMES = {"*": "star", "#": "pound"}
DEFAULTS = {
    "from": '"SIPp" <sip:+79160000000@127.0.0.2>',
    "headers": "",
    "press_after_ms": "500",
    "stay_ms": "500",
    "ack_after_ms": "1200",
}


@dataclass(frozen=True)
class Counts:
    """How many calls went as the scenario says; `errors` is what SIPp noted of the others."""

    successful: int
    failed: int
    errors: str


def key(name: str) -> str:
    """The capture of a key pressed by RFC 4733, for `{{key}}`."""
    return str(CAPTURES / f"dtmf_2833_{KEY_NAMES.get(name, name)}.pcap")


async def run(
    scenario: str,
    *,
    folder: Path = SCENARIOS,
    at: str,
    listen: str = "127.0.0.2",
    calls: int = 1,
    per_second: float = 10,
    within: float = 30.0,
    fields: dict[str, str],
) -> Counts:
    """Places `calls` calls of `scenario`; those not done `within` seconds failed.

    `fields` fill the scenario; a `headers` field begins each of its lines with a newline.
    """
    with tempfile.TemporaryDirectory(prefix="sipp-") as name:
        scratch = Path(name)
        text = (folder / f"{scenario}.xml").read_text()
        filled_in = filled(text, DEFAULTS | fields).encode(errors="surrogateescape")
        (scratch / "scenario.xml").write_bytes(filled_in)
        process = await asyncio.create_subprocess_exec(
            *("sipp", at, "-sf", "scenario.xml", "-i", listen, "-mi", listen),
            *("-m", str(calls), "-nostdin", "-key", "bracket", "["),
            *("-r", f"{per_second * 1000:.0f}", "-rp", "1000000"),  # evenly, in milliseconds
            *("-timeout", f"{within:g}s", "-timeout_error"),
            *("-trace_stat", "-stf", "counts.csv", "-fd", "1"),
            *("-trace_err", "-error_file", "errors.log"),
            cwd=scratch,
            env={**os.environ, "TERM": "dumb"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        return _counts(scratch, calls)


def filled(text: str, fields: dict[str, str]) -> str:
    """The scenario with its fields; a bracket of a field is no keyword of SIPp."""
    return re.sub(r"\{\{(\w+)\}\}", lambda name: fields[name[1]].replace("[", "[bracket]"), text)


def _counts(folder: Path, calls: int) -> Counts:
    with (folder / "counts.csv").open() as file:
        last = list(csv.DictReader(file, delimiter=";"))[-1]
    errors = folder / "errors.log"
    successful = int(last["SuccessfulCall(C)"])
    noted = errors.read_text(errors="replace") if errors.exists() else ""
    return Counts(successful, calls - successful, noted)
