"""The text of the twin. That it does on a call what Python does is tested with real calls."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from center.load import load_center
from ivr.table import compile_table
from ivr.twin import twin_contexts
from switchboard.numbering import numbering_plan
from switchboard.problems import Problems
from tests.centers import EXAMPLE, GROUND, MENU, write_center

PARTS = Path(__file__).parents[2] / "asterisk-config" / "parts"
DAYS = (date(2026, 11, 21), date(2027, 11, 21))
# what stands in an extension: `exten => NUMBER,...` and the lines `same =>` below it
Dialplan = dict[str, dict[str, list[str]]]


def printed(directory: Path) -> Dialplan:
    """Context -> extension -> steps, a label in brackets before its step."""
    center = load_center(directory, Problems(), {})
    assert center is not None
    languages = tuple(map(str, center.ground.spoken))
    table = compile_table(
        center.router, center.menus, center.voicemail.voicemail, languages, lambda _, one: one
    )
    seconds = {(prompt, one): 2.0 for prompt in table.prompts for one in languages}
    plan = numbering_plan(center.ground.country)
    assert plan is not None
    zone = center.ground.timezone
    contexts = twin_contexts(table, center.router, plan, zone, "v7", seconds, DAYS)
    return {context.name: parsed(str(context)) for context in contexts}


def parsed(text: str) -> dict[str, list[str]]:
    extensions: dict[str, list[str]] = {}
    steps: list[str] = []
    for line in text.splitlines():
        if begun := re.match(r"exten => ([^,]+),1,(.*)", line):
            steps = extensions.setdefault(begun[1], [])
            steps.append(begun[2])
        elif step := re.match(r" same => n(\(\w+\))?,(.*)", line):
            steps.append(f"{step[1] or ''}{step[2]}")
    return extensions


def jumps(dialplan: Dialplan) -> Iterator[tuple[str, str, str]]:
    """(the step, context, extension) of every jump that leaves its context."""
    for extensions in dialplan.values():
        for steps in extensions.values():
            for step in steps:
                for context, extension in re.findall(
                    r"([a-z_]+(?:-[a-z0-9_]+)*),([^,()]+),1", step
                ):
                    yield step, context, extension


EXAMPLE_DIALPLAN = printed(EXAMPLE)


def test_every_context_carries_the_version_in_its_name() -> None:
    assert all(name.endswith("-v7") for name in EXAMPLE_DIALPLAN)
    assert "menu-main-v7" in EXAMPLE_DIALPLAN


def test_a_call_that_began_on_a_version_stays_on_it() -> None:
    for steps in (step for step, _, _ in jumps(EXAMPLE_DIALPLAN)):
        assert set(re.findall(r"-v\d+", steps)) <= {"-v7"}


def test_every_jump_lands_in_a_context_that_exists() -> None:
    fixed = set(re.findall(r"^\[([\w-]+)\]", "".join(map(Path.read_text, PARTS.iterdir())), re.M))
    made_elsewhere = {"voicemail-v7", "fax-v7", "number-v7"}
    landed = [(step, context) for step, context, _ in jumps(EXAMPLE_DIALPLAN)]

    assert len(landed) > 50
    for step, context in landed:
        assert context in {*EXAMPLE_DIALPLAN, *fixed, *made_elsewhere}, step


def test_every_rule_that_does_not_hold_leads_to_the_next_one() -> None:
    jumped = 0
    for extensions in EXAMPLE_DIALPLAN.values():
        for steps in extensions.values():
            text = "\n".join(steps)
            labels = re.findall(r"^\((rule\d+)\)", text, re.M)
            for label in re.findall(r"\?(rule\d+)\)", text):
                jumped += 1
                assert labels.count(label) == 1
    assert jumped >= 3


def test_rules_stand_in_their_order_each_with_its_conditions() -> None:
    steps = EXAMPLE_DIALPLAN["numbers-v7"]["+74950000001"]

    order = [
        next(at for at, step in enumerate(steps) if wanted in step)
        for wanted in (
            "Gosub(callers-blocked-v7,",
            "Goto(reject,busy,1)",
            "(rule2)Gosub(callers-vip-v7,",
            "Set(QUEUE_PRIO=10)",
            "Goto(department-sales-v7,s,1)",
            "(rule3)",
            "Set(FAX=office)",
            "Goto(menu-main-v7,s,1)",
        )
    ]
    assert order == sorted(order)


def test_a_number_sets_the_language_of_its_calls() -> None:
    assert EXAMPLE_DIALPLAN["numbers-v7"]["+74950000002"] == [
        "CELGenUserEvent(language,en)",
        "Set(CHANNEL(language)=en)",
        "Goto(menu-main-v7,s,1)",
    ]


def test_a_range_is_printed_as_patterns_and_its_last_digits_as_an_extension() -> None:
    found, rest = EXAMPLE_DIALPLAN["numbers-v7"]["_+749500002XX"]

    assert "extension-v7,${EXTEN:-3},1" in found
    assert rest == "Goto(other,1)"


def test_any_other_number_goes_to_other() -> None:
    numbers = EXAMPLE_DIALPLAN["numbers-v7"]

    assert numbers["other"] == ["Goto(menu-main-v7,s,1)"]
    assert numbers["_[+0-9a-z]!"] == ["Goto(other,1)"]


def test_without_other_an_unknown_number_is_rejected(tmp_path: Path) -> None:
    text = GROUND + 'numbers: {"+74950000001": {menu: main}}\n'
    dialplan = printed(write_center(tmp_path, text))

    assert dialplan["numbers-v7"]["other"] == ["Goto(reject,missing,1)"]


def test_a_number_is_printed_in_e164_however_it_is_written(tmp_path: Path) -> None:
    text = GROUND + 'numbers: {"84950000001": {menu: main}}\n'

    assert "+74950000001" in printed(write_center(tmp_path, text))["numbers-v7"]


def test_the_keys_of_a_menu_are_its_keys_and_the_extensions_that_may_be_dialled() -> None:
    keys = EXAMPLE_DIALPLAN["keys-main-v7"]

    assert set(keys) == {"1", "2", "7", "0", "*", "201", "202", "203"}
    assert keys["2"] == ["Goto(menu-support-v7,s,1)"]
    assert keys["202"] == ["Goto(extension-v7,202,1)"]
    assert keys["*"] == ["Goto(menu-main-v7,anew,1)"]
    assert EXAMPLE_DIALPLAN["keys-support-v7"]["*"] == ["Goto(menu-support-v7,back,1)"]
    assert set(EXAMPLE_DIALPLAN["keys-support-v7"]) == {"1", "2", "9", "*"}


@pytest.mark.parametrize("prompt", ["long", "short", "wrong"])
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_menu_asks_in_each_language_against_its_keys(prompt: str, language: str) -> None:
    ask = EXAMPLE_DIALPLAN["menu-main-v7"][f"{prompt}-{language}"][0]

    # two seconds of prompt and five of silence; a second and a half between digits
    times = r"TIMEOUT\(response\)=7\.0,TIMEOUT\(digit\)=1\.5"
    assert re.fullmatch(rf"MSet\(SOUND=sb/main-{prompt}-\w+,{times}\)", ask)


def test_a_department_is_closed_by_its_own_hours_only() -> None:
    def steps(name: str) -> str:
        extensions = EXAMPLE_DIALPLAN[f"department-{name}-v7"]
        return "\n".join(step for event in ("s", "enters") for step in extensions.get(event, []))

    assert "Gosub(hours-office-v7,s,1)" in steps("sales")
    assert "hours-" not in steps("support")


@pytest.mark.parametrize("event", ["closed", "no_agents", "full", "timeout"])
def test_a_department_has_a_way_out_for_each_event(event: str) -> None:
    for name in ("sales", "support"):
        assert EXAMPLE_DIALPLAN[f"department-{name}-v7"][event][-1].startswith("Goto(")


def test_an_announcement_is_played_before_the_call_goes_on() -> None:
    *_, announced, onward = EXAMPLE_DIALPLAN["department-sales-v7"]["closed"]

    assert re.fullmatch(r"Gosub\(announce,s,1\(sb/sales-closed-0-announce-\w+\)\)", announced)
    assert onward == "Goto(voicemail-v7,sales,1)"


def test_an_announcement_may_be_cut_short_where_it_says_so(tmp_path: Path) -> None:
    route = "{reject: busy, announce: {say: Hi}, barge: true}"
    menu = MENU + f"keys: {{1: {route}}}\n"
    announced, _ = printed(write_center(tmp_path, menus={"main": menu}))["keys-main-v7"]["1"]

    assert announced.startswith("Gosub(announce,barge,1(sb/")


def test_an_extension_rings_for_its_own_time() -> None:
    assert EXAMPLE_DIALPLAN["extension-v7"]["202"] == [
        "Set(RING_SECONDS=20)",
        "Set(PHONES=PJSIP/202)",
        "Goto(ring,202,1)",
    ]
    assert EXAMPLE_DIALPLAN["extension-otherwise-v7"]["203"] == ["Goto(department-support-v7,s,1)"]


def test_hours_and_lists_of_callers_are_contexts_of_the_version() -> None:
    assert "_+7900!" in EXAMPLE_DIALPLAN["callers-blocked-v7"]
    assert {"week-1", "day-2026-12-31", "day-2027-01-09"} <= set(
        EXAMPLE_DIALPLAN["hours-office-v7"]
    )
