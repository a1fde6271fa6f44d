"""How long `switchboard check` takes for a large center, in a fresh Python each time."""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

MENUS, EXTENSIONS, DEPARTMENTS, ROUNDS = 300, 500, 40, 5
PROMISED_SECONDS = 2.0
PROGRAM = """
import sys
from pathlib import Path
from center.check import check_center
from center.load import load_center
from switchboard.problems import Problems
problems = Problems()
center = load_center(Path(sys.argv[1]), problems)
assert center is not None
check_center(center, problems)
assert len(problems) == 0, next(iter(problems))
"""


def write_large_center(directory: Path) -> None:
    """Menus in a tree of ten keys each, every extension in a department and with a mailbox."""
    extensions = [str(1000 + number) for number in range(EXTENSIONS)]
    lines = [
        "name: Large",
        "timezone: Europe/Moscow",
        "country: RU",
        "language: en",
        "languages: [en, ru]",
        "numbers: {other: {menu: menu0}}",
        'hours: {office: {weekly: {mon-fri: "09:00-18:00"}, holidays: RU}}',
        "extensions:",
        *(
            f'  "{one}": {{name: Colleague, otherwise: {{voicemail: "{one}"}}}}'
            for one in extensions
        ),
        "voicemail:",
        *(f'  "{one}": {{pin: "8{one}7"}}' for one in extensions),
        "departments:",
        *(f"  {line}" for line in map(_department, range(DEPARTMENTS))),
    ]
    (directory / "menus").mkdir()
    (directory / "center.yaml").write_text("\n".join(lines), "utf-8")
    for number in range(MENUS):
        (directory / "menus" / f"menu{number}.yaml").write_text(_menu(number), "utf-8")


def _department(number: int) -> str:
    members = [1000 + number * 12 + one for one in range(12)]
    onward = f"{{department: d{number + 1}}}" if number + 1 < DEPARTMENTS else '{voicemail: "1000"}'
    return f"d{number}: {{members: {members}, hours: office, otherwise: {onward}}}"


def _menu(number: int) -> str:
    below = [number * 9 + key + 1 for key in range(9)]
    keys = [
        f"  {key + 1}: {{menu: menu{child}}}" if child < MENUS else f"  {key + 1}: repeat"
        for key, child in enumerate(below)
    ]
    return "\n".join(
        [
            f"prompt: {{en: {{say: This is menu {number}}}, ru: {{say: Это меню {number}}}}}",
            "keys:",
            *keys,
            f'  0: [{{hours: office, department: d{number % DEPARTMENTS}}}, {{voicemail: "1000"}}]',
            '  "*": back',
            "dial_extensions: true",
            f"otherwise: {{department: d{number % DEPARTMENTS}}}",
            "",
        ]
    )


def main() -> None:
    """Print the times, and how they compare to the promise."""
    with TemporaryDirectory() as name:
        directory = Path(name) / "center"
        directory.mkdir()
        write_large_center(directory)
        times = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", PROGRAM, directory], check=True)
            times.append(time.perf_counter() - begin)
    best, worst = min(times), max(times)
    print(f"check of {MENUS} menus and {EXTENSIONS} extensions: {best:.2f} to {worst:.2f} s")
    print(f"promised: {PROMISED_SECONDS} s; {PROMISED_SECONDS / worst:.1f} times as fast at worst")


if __name__ == "__main__":
    main()
