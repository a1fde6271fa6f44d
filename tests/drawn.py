"""Centers that hypothesis draws, as text that `check` accepts, and calls that may come to them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.walks import Dialled

EXTENSIONS = ("201", "202", "21", "3055")
NUMBERS = ("+74950000001", "+74950000002", "+74950000003")
RANGE = "+74950000200..+74950000209"
MOSCOW = ZoneInfo("Europe/Moscow")
FIRST_MOMENT = datetime(2026, 11, 21, tzinfo=MOSCOW)
DIALLED = (
    *NUMBERS,
    *("84950000001", "4950000002", "81074950000003"),
    *("+74950000201", "+74950000202", "+74950000209", "+74950000210"),
    *("+74959999999", "12", "0000"),
)
CALLERS = (None, "+79161112233", "89161112233", "+79001234567", "+79160000000", "+442012345678")
KEYS = ("0", "1", "2", "20", "2015", "30", "305", "*", "**")
TYPED = (*KEYS, *EXTENSIONS, *("1", "1,", "2,", "*,", "*,", "2#", "20#", "30#", "#", ",", "_"))
PRESSED = "0123459*#,_"

Any_ = dict[str, Any]
Draw = st.DrawFn


def prompt(text: str, spoken: Sequence[str]) -> Any_:
    """A prompt whose text says where it belongs, in these languages."""
    return {language: {"say": f"{text} {language}"} for language in spoken}


@st.composite
def languages(draw: Draw) -> list[str]:
    """Those a prompt is written in; now and then one is missing."""
    return draw(st.sampled_from([["en", "ru"], ["en", "ru"], ["en"], ["ru"]]))


@st.composite
def endings(draw: Draw, where: str, departments: bool = True) -> Any_:
    """A destination where the menus end."""
    kinds: list[Any_] = [{"extension": one} for one in EXTENSIONS]
    kinds += [{"voicemail": "box"}, {"fax": "office"}, {"number": "+74951112233"}]
    kinds.append({"goodbye": prompt(f"goodbye {where}", draw(languages()))})
    if departments:
        kinds += [{"department": "sales"}, {"department": "support"}]
    return dict(draw(st.sampled_from(kinds)))


@st.composite
def destinations(draw: Draw, where: str, menus: Sequence[str], departments: bool = True) -> Any_:
    """A destination and what may stand beside it."""
    whither = draw(endings(where, departments))
    if menus and draw(st.integers(0, 2)) > 0:
        whither = {"menu": draw(st.sampled_from(menus))}
    if draw(st.integers(0, 3)) == 0:
        whither["announce"] = prompt(f"announce {where}", draw(languages()))
        whither |= {"barge": "true"} if draw(st.booleans()) else {}
    if where in NUMBERS and whither.keys() & {"menu", "department", "extension", "voicemail"}:
        whither["fax"] = "office"
    if draw(st.integers(0, 4)) == 0:
        whither["priority"] = str(draw(st.integers(1, 9)))
    return whither


CONDITIONS: tuple[Any_, ...] = (
    {"hours": "office"},
    {"hours": "night"},
    {"from": "vip"},
    {"from": ["vip", "hidden"]},
    {"from": "blocked", "hours": "office"},
    {"language": "ru"},
    {"language": "en", "hours": "night"},
)


@st.composite
def routes(draw: Draw, where: str, menus: Sequence[str], departments: bool = True) -> Any:
    """A destination, or a list of rules."""
    last = draw(destinations(where, menus, departments))
    if draw(st.integers(0, 5)) == 0:
        last["language"] = draw(st.sampled_from(["en", "ru"]))
    if draw(st.booleans()):
        return last
    # none of these holds whenever a later one does
    conditions = draw(st.lists(st.sampled_from(CONDITIONS), max_size=2, unique_by=id))
    rules = [
        draw(destinations(f"{where} {position}", menus, departments)) | condition
        for position, condition in enumerate(sorted(conditions, key=CONDITIONS.index, reverse=True))
    ]
    return [*rules, last]


@st.composite
def keys(draw: Draw, where: str, menus: Sequence[str]) -> Any:
    """What a key does."""
    word = draw(st.sampled_from(("", "", "", "repeat", "back", "hangup")))
    return word or draw(routes(where, menus))


@st.composite
def drawn_menus(draw: Draw) -> dict[str, Any_]:
    """Up to six menus. `otherwise` leads only onward, so that no call goes round unasked."""
    names = [f"m{number}" for number in range(draw(st.integers(1, 6)))]
    menus: dict[str, Any_] = {}
    for position, name in enumerate(names):
        dialled = draw(st.sampled_from(["true", "false", list(EXTENSIONS[:2])]))
        allowed = EXTENSIONS if dialled == "true" else EXTENSIONS[:2] if dialled != "false" else ()
        possible = [key for key in KEYS if not any(key.startswith(one) for one in allowed)]
        chosen = draw(st.lists(st.sampled_from(possible), max_size=5, unique=True))
        backwards = {"*": "back"} if draw(st.booleans()) else {}
        menus[name] = {
            "prompt": prompt(f"{name} long", draw(languages())),
            "keys": {key: draw(keys(f"{name} {key}", names)) for key in chosen} | backwards,
            "dial_extensions": dialled,
            "tries": str(draw(st.integers(1, 3))),
            "otherwise": draw(routes(f"{name} otherwise", names[position + 1 :])),
        }
        if draw(st.booleans()):
            menus[name]["short_prompt"] = prompt(f"{name} short", draw(languages()))
    return menus


@st.composite
def spans(draw: Draw) -> str:
    """Hours of a day, over midnight too."""
    begin, end = draw(st.lists(st.integers(0, 47), min_size=2, max_size=2, unique=True))
    return f"{begin // 2:02}:{begin % 2 * 30:02}-{end // 2:02}:{end % 2 * 30:02}"


@st.composite
def drawn_hours(draw: Draw) -> Any_:
    """A week, now and then with holidays, dates, and a zone of its own."""
    written: Any_ = {"weekly": {"mon-fri": draw(spans()), "sat": draw(spans())}}
    if draw(st.booleans()):
        written["holidays"] = "RU"
    if draw(st.booleans()):
        written["dates"] = {"2026-11-25": draw(spans()), "2026-12-30..2027-01-03": "closed"}
    if draw(st.booleans()):
        written["timezone"] = "America/New_York"
    return written


@st.composite
def centers(draw: Draw) -> tuple[str, dict[str, str]]:
    """`center.yaml`, and `menus/NAME.yaml` by name."""
    menus = draw(drawn_menus())
    names = list(menus)
    numbers: Any_ = {one: draw(routes(one, names)) for one in NUMBERS}
    numbers[NUMBERS[2]] = [
        {"reject": draw(st.sampled_from(["busy", "missing"])), "from": "blocked"},
        draw(destinations("third", names)) | {"language": "ru"},
    ]
    numbers[RANGE] = {"extension": "last 3"}
    if draw(st.booleans()):
        numbers["other"] = draw(routes("other", names))
    center = {
        "name": "Drawn",
        "timezone": "Europe/Moscow",
        "country": "RU",
        "language": "en",
        "languages": ["en", "ru"],
        "trunks": {"carrier": {"host": "127.0.0.2:5090", "max_calls": "5"}},
        "outbound": {"trunk": "carrier", "caller_id": NUMBERS[0], "allow": ["+7495"]},
        "numbers": numbers,
        "callers": {"vip": ["+79161112233"], "blocked": ["+7900*"], "hidden": ["anonymous"]},
        "hours": {"office": draw(drawn_hours()), "night": draw(drawn_hours())},
        "extensions": {one: {"otherwise": {"voicemail": "box"}} for one in EXTENSIONS},
        "departments": {
            "sales": {
                "members": ["201"],
                "hours": "office",
                # the last menu leads to no department unasked
                "when_closed": draw(routes("closed", [], departments=False)),
                "otherwise": {"voicemail": "box"},
            },
            "support": {"members": ["202"], "otherwise": {"voicemail": "box"}},
        },
        "voicemail": {"box": {"number": "801", "pin": "83014", "email": ["a@acme.example"]}},
        "fax": {"office": {"email": ["office@acme.example"], "station_id": "+7 495 000-00-09"}},
    }
    return json.dumps(center), {name: json.dumps(menu) for name, menu in menus.items()}


def calls() -> st.SearchStrategy[Dialled]:
    """Calls to numbers that are there and that are not, at any half hour of five weeks."""
    typed = st.one_of(st.sampled_from(TYPED), st.sampled_from(TYPED), st.sampled_from(PRESSED))
    varied = st.lists(typed, max_size=25).map("".join)
    # more menus than one call may hear
    stubborn = st.builds(
        "{1}{0}{2}".format, st.sampled_from(KEYS).map(lambda key: f"{key}," * 60), varied, varied
    )
    return st.builds(
        Dialled,
        to=st.sampled_from(DIALLED),
        caller=st.sampled_from(CALLERS),
        at=st.integers(0, 35 * 48).map(
            lambda half_hours: FIRST_MOMENT + timedelta(minutes=30 * half_hours)
        ),
        keys=st.one_of(varied, varied, varied, stubborn),
    )
