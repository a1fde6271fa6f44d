"""The six ways in which the field reckons a service level. There is no binding one."""

from dataclasses import dataclass

DEFINITIONS = {
    "SL-1": "(A_T + B_T) / (A + B)",
    "SL-2": "A_T / A",
    "SL-3": "A_T / (A + B)",
    "SL-4": "A_T / (A + B - B_T)",
    "SL-5": "(A_T + B_S) / (A + B)",
    "SL-6": "A_T / (A + B + F)",
}


@dataclass(frozen=True)
class Counts:
    """Visits: answered, of those within T; abandoned, within T, short ones; flowed out."""

    answered: int
    answered_in_time: int
    abandoned: int
    abandoned_in_time: int
    short_abandoned: int
    flowed_out: int


def service_levels(counts: Counts) -> dict[str, float | None]:
    """Per cent with one decimal by name; None where nothing was counted."""
    a, a_t, f = counts.answered, counts.answered_in_time, counts.flowed_out
    b, b_t, b_s = counts.abandoned, counts.abandoned_in_time, counts.short_abandoned
    return {
        "SL-1": per_cent(a_t + b_t, a + b),
        "SL-2": per_cent(a_t, a),
        "SL-3": per_cent(a_t, a + b),
        "SL-4": per_cent(a_t, a + b - b_t),
        "SL-5": per_cent(a_t + b_s, a + b),
        "SL-6": per_cent(a_t, a + b + f),
    }


def per_cent(part: int, whole: int) -> float | None:
    """With one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
