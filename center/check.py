"""`switchboard check`: everything that can be known of a center before a caller finds out."""

from center.dialled import check_dialled
from center.heard import check_heard, prompt_maker
from center.letters import check_letters
from center.load import Center
from center.loops import check_loops
from center.names import check_names
from center.nat import check_nat
from center.numbers import check_numbers
from center.reach import check_reach
from center.rules import check_rules
from center.safe import check_safe
from center.state import State
from center.weak import check_secrets
from ivr.table import compile_table
from switchboard.problems import Problems
from switchboard.section import check_ground
from voicemail.section import check_voicemail


def check_center(center: Center, problems: Problems, state: State | None = None) -> None:
    """Add what is wrong with a center; `docs/problems.md` explains every code.

    Recordings that were judged before are remembered in `state`, by default beside the center.
    """
    check_ground(center.ground, problems)
    check_voicemail(center.voicemail, problems)
    check_names(center, problems)
    check_numbers(center, problems)
    check_rules(center, problems)
    check_dialled(center, problems)
    check_secrets(center, problems)
    check_safe(center, problems)
    check_nat(center, problems)
    check_letters(center, problems)
    check_heard(center, prompt_maker(center, state or State.beside(center.directory)), problems)
    if not center.left_out:
        _check_moves(center, problems)


def _check_moves(center: Center, problems: Problems) -> None:
    """What only a whole center can tell: where its moves lead."""
    languages = tuple(map(str, center.ground.spoken))
    table = compile_table(
        center.router, center.menus, center.voicemail.voicemail, languages, _system_id
    )
    check_reach(center, table, problems)
    check_loops(center, table, problems)


def _system_id(language: str, system_id: str) -> str:
    """What Switchboard itself says decides nothing here."""
    return system_id
