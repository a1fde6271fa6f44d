"""The benchmark's own arithmetic: a wrong ratio would be believed for years."""

from bench.stand.figures import Turn, markdown, rows


def turn(
    round_: int,
    contestant: str,
    cpu_ms: float,
    waits: list[float] | None = None,
    records_ms: float = 0.0,
) -> Turn:
    return Turn(round_, 10, contestant, 50, 0, 0, cpu_ms, records_ms, waits or [1.0])


def test_a_ratio_is_taken_within_its_round_because_the_machine_is_never_quiet() -> None:
    turns = [
        turn(0, "hand-written", 10.0),
        turn(0, "twin", 11.0),
        turn(1, "hand-written", 20.0),
        turn(1, "twin", 24.0),
        turn(2, "hand-written", 10.0),
        turn(2, "twin", 13.0),
    ]
    _, twin = rows(turns)
    assert (twin.ratio, twin.lowest_ratio, twin.highest_ratio) == (1.2, 1.1, 1.3)


def test_what_keeps_records_is_told_apart_and_in_all() -> None:
    _, engine = rows([turn(0, "hand-written", 10.0), turn(0, "engine", 12.0, records_ms=3.0)])
    assert (engine.ratio, engine.records_ms_per_call, engine.ratio_with_records) == (1.2, 3.0, 1.5)


def test_the_waits_of_all_rounds_are_one_heap() -> None:
    slow = [float(wait) for wait in range(100)]
    (row,) = rows([turn(0, "hand-written", 10.0, slow), turn(1, "hand-written", 10.0, slow)])
    assert row.key_to_sound_p50_ms == 49.5
    assert 97 < row.key_to_sound_p99_ms <= 99


def test_a_turn_in_which_nothing_was_heard_still_has_its_row() -> None:
    failed = Turn(0, 10, "hand-written", 50, 50, 50, 1.0, 0.0, [])
    table = markdown(rows([failed]))
    assert "| 50 | 50 | 50 |" in table and "nan" in table
