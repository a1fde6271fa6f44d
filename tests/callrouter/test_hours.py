import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callrouter.dialplan import hours_context
from callrouter.hours import DAY, Hours, weekdays
from callrouter.section import RouterSection
from switchboard.noun import read_noun
from switchboard.problems import Problems
from switchboard.yamltext import Table, Text, read_yaml

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")


def hours(tmp_path: Path, text: str) -> Hours:
    path = tmp_path / "hours.yaml"
    path.write_text(f"hours: {{office: {text}}}", "utf-8")
    problems = Problems()
    section = read_noun(RouterSection, read_yaml(path, "h", problems, {}), problems, set())
    assert section is not None
    assert [str(problem) for problem in problems] == []
    return section.hours[Text("office")]


def problems_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "hours.yaml"
    path.write_text(f"hours: {{office: {text}}}", "utf-8")
    problems = Problems()
    read_noun(RouterSection, read_yaml(path, "h", problems, {}), problems, set())
    return [problem.message for problem in problems]


def open_minutes(opening: Hours, begin: datetime, minutes: int, zone: ZoneInfo) -> set[int]:
    """The minutes after `begin` at which it is open."""
    return {
        minute
        for minute in range(minutes)
        if opening.is_open(begin + timedelta(minutes=minute), zone)
    }


def test_an_office_is_open_from_its_first_minute_until_just_before_its_last(tmp_path: Path) -> None:
    office = hours(tmp_path, '{weekly: {mon-fri: "09:00-18:00"}}')
    monday = datetime(2026, 11, 23, tzinfo=MOSCOW)

    assert open_minutes(office, monday, DAY, MOSCOW) == set(range(9 * 60, 18 * 60))


def test_a_day_without_a_word_is_closed(tmp_path: Path) -> None:
    office = hours(tmp_path, '{weekly: {mon-fri: "09:00-18:00"}}')

    assert open_minutes(office, datetime(2026, 11, 22, tzinfo=MOSCOW), DAY, MOSCOW) == set()


def test_a_day_may_have_several_spans(tmp_path: Path) -> None:
    office = hours(tmp_path, '{weekly: {sat: ["10:00-13:00", "14:00-16:00"]}}')
    saturday = datetime(2026, 11, 28, tzinfo=MOSCOW)

    opened = set(range(600, 780)) | set(range(840, 960))
    assert open_minutes(office, saturday, DAY, MOSCOW) == opened


def test_a_whole_day_ends_at_24(tmp_path: Path) -> None:
    office = hours(tmp_path, '{weekly: {mon: "00:00-24:00"}}')
    monday = datetime(2026, 11, 23, tzinfo=MOSCOW)

    assert open_minutes(office, monday, 2 * DAY, MOSCOW) == set(range(DAY))


def test_a_span_over_midnight_belongs_to_the_day_of_its_begin(tmp_path: Path) -> None:
    bar = hours(tmp_path, '{weekly: {fri: "22:00-02:00"}}')
    friday = datetime(2026, 11, 27, tzinfo=MOSCOW)

    assert open_minutes(bar, friday, 3 * DAY, MOSCOW) == set(range(22 * 60, 26 * 60))


def test_a_span_over_midnight_reaches_into_a_day_that_is_closed(tmp_path: Path) -> None:
    bar = hours(tmp_path, '{weekly: {thu-sat: "22:00-02:00"}, dates: {2026-11-27: closed}}')
    friday = datetime(2026, 11, 27, tzinfo=MOSCOW)

    assert open_minutes(bar, friday, DAY, MOSCOW) == set(range(120))


def test_days_may_run_over_the_end_of_the_week() -> None:
    assert weekdays("sat-mon") == (5, 6, 0)
    assert weekdays("mon,wed-thu") == (0, 2, 3)


def test_a_holiday_is_closed(tmp_path: Path) -> None:
    office = hours(tmp_path, '{weekly: {mon-sun: "09:00-18:00"}, holidays: RU}')

    assert not office.is_open(datetime(2026, 1, 7, 12, tzinfo=MOSCOW), MOSCOW)
    assert office.is_open(datetime(2026, 11, 25, 12, tzinfo=MOSCOW), MOSCOW)


def test_a_date_wins_over_a_holiday_and_over_the_week(tmp_path: Path) -> None:
    office = hours(
        tmp_path,
        '{weekly: {mon-sun: "09:00-18:00"}, holidays: RU,'
        ' dates: {2026-01-07: "10:00-12:00", 2026-11-25: closed}}',
    )

    assert office.is_open(datetime(2026, 1, 7, 11, tzinfo=MOSCOW), MOSCOW)
    assert not office.is_open(datetime(2026, 11, 25, 11, tzinfo=MOSCOW), MOSCOW)


def test_a_range_of_dates_holds_its_last_day_and_a_single_day_within_wins(tmp_path: Path) -> None:
    office = hours(
        tmp_path,
        '{weekly: {mon-sun: "09:00-18:00"},'
        ' dates: {2027-05-03: "10:00-11:00", 2027-05-02..2027-05-04: closed}}',
    )
    noon = datetime(2027, 5, 1, 12, tzinfo=MOSCOW)
    days = [office.is_open(noon + timedelta(days=day), MOSCOW) for day in range(5)]

    assert days == [True, False, False, False, True]
    assert office.is_open(datetime(2027, 5, 3, 10, 30, tzinfo=MOSCOW), MOSCOW)


def test_the_leap_day_is_a_day_like_others(tmp_path: Path) -> None:
    office = hours(tmp_path, '{weekly: {tue: "09:00-18:00"}, dates: {2028-03-01: closed}}')
    leap_day = datetime(2028, 2, 29, tzinfo=MOSCOW)

    assert open_minutes(office, leap_day, 2 * DAY, MOSCOW) == set(range(540, 1080))


def test_hours_may_have_a_zone_of_their_own(tmp_path: Path) -> None:
    office = hours(tmp_path, '{weekly: {mon: "09:00-10:00"}, timezone: Asia/Vladivostok}')

    assert office.is_open(datetime(2026, 11, 23, 2, 30, tzinfo=MOSCOW), MOSCOW)
    assert not office.is_open(datetime(2026, 11, 23, 9, 30, tzinfo=MOSCOW), MOSCOW)


def test_the_hour_that_spring_skips_is_never_open(tmp_path: Path) -> None:
    # 2026-03-29 in Berlin: at 01:00 UTC clocks go from 02:00 to 03:00
    office = hours(tmp_path, '{weekly: {sun: "02:30-03:30"}}')
    midnight = datetime(2026, 3, 29, tzinfo=UTC)

    assert open_minutes(office, midnight, 6 * 60, BERLIN) == set(range(60, 90))


def test_the_hour_that_autumn_repeats_is_open_twice(tmp_path: Path) -> None:
    # 2026-10-25 in Berlin: at 01:00 UTC clocks go from 03:00 back to 02:00
    office = hours(tmp_path, '{weekly: {sun: "02:30-03:30"}}')
    midnight = datetime(2026, 10, 25, tzinfo=UTC)

    assert open_minutes(office, midnight, 6 * 60, BERLIN) == {*range(30, 60), *range(90, 150)}


def test_a_span_over_the_midnight_before_the_switch_ends_by_the_wall_clock(tmp_path: Path) -> None:
    bar = hours(tmp_path, '{weekly: {sat: "23:00-04:00"}}')
    spring, autumn = datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 21, tzinfo=UTC)

    assert open_minutes(bar, spring, 10 * 60, BERLIN) == set(range(4 * 60))
    assert open_minutes(bar, autumn, 10 * 60, BERLIN) == set(range(6 * 60))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{weekly: {mon: "9-18"}}', "“9-18” is not a span such as 09:00-18:00"),
        ('{weekly: {mon: "09:00-25:00"}}', "“09:00-25:00” is not a time of day"),
        ('{weekly: {mon: "09:60-18:00"}}', "“09:60-18:00” is not a time of day"),
        (
            '{weekly: {mon: "09:00-09:00"}}',
            "“09:00-09:00” holds no time; a whole day is 00:00-24:00",
        ),
        (
            '{weekly: {mon: "24:00-09:00"}}',
            "“24:00-09:00” holds no time; a whole day is 00:00-24:00",
        ),
        ("{weekly: {mo: closed}}", "“mo” is not a day such as mon, or days such as mon-fri"),
        ("{weekly: {mon-fri: closed, fri: closed}}", "fri stands here twice"),
        ("{dates: {2026-02-29: closed}}", "“2026-02-29” is not a date such as 2026-12-31"),
        (
            "{dates: {2026-05-04..2026-05-02: closed}}",
            "“2026-05-04..2026-05-02” is not a range of dates such as 2027-05-02..2027-05-04",
        ),
        ("{timezone: Mars/Olympus}", "“Mars/Olympus” is not a time zone"),
        ("{holidays: RUS1}", "the holidays of “RUS1” are not known"),
    ],
)
def test_hours_that_say_nothing_clear_are_an_error(tmp_path: Path, text: str, message: str) -> None:
    (problem,) = problems_of(tmp_path, text)

    assert problem.startswith(message)


TIMES = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")
SPANS = st.tuples(TIMES, TIMES).filter(lambda span: span[0] != span[1]).map("-".join)
WEEKS = st.dictionaries(st.sampled_from(["mon", "tue", "sat", "sun"]), SPANS, max_size=4)
DATES = st.dictionaries(
    st.integers(0, 20).map(lambda day: str(date(2026, 10, 15) + timedelta(days=day))),
    st.one_of(st.just("closed"), SPANS),
    max_size=4,
)


def printed_answer(text: str, at: datetime) -> str:
    """What the printed context returns: its day's own extension, else that of the weekday."""
    returns: dict[str, str] = dict(
        re.findall(r"exten => (day-[\d-]+|week-\d),1,Return\((.*)\)", text)
    )
    answer = returns.get(f"day-{at:%Y-%m-%d}", returns[f"week-{at.isoweekday()}"])
    if not answer.startswith("${IF"):
        return answer
    spans = re.findall(r"\(\$\{AT\} >= (\d+) & \$\{AT\} < (\d+)\)", answer)
    assert answer.endswith("?open:closed)}")
    now = int(f"{at:%H%M}")
    return "open" if any(int(begin) <= now < int(end) for begin, end in spans) else "closed"


@settings(max_examples=60, deadline=None)
@given(WEEKS, DATES)
def test_the_dialplan_and_python_open_and_close_alike(
    week: dict[str, str], dates: dict[str, str]
) -> None:
    opening = Hours.model_validate(
        Table({Text("weekly"): Table(week), Text("dates"): Table(dates)})
    )
    first, last = date(2026, 10, 15), date(2026, 11, 5)
    text = str(hours_context("office", "v1", opening, "Europe/Berlin", first, last))
    at = datetime(2026, 10, 16, tzinfo=BERLIN)
    while at.date() < date(2026, 11, 4):
        answer = "open" if opening.is_open(at, BERLIN) else "closed"
        assert printed_answer(text, at) == answer
        at = (at.astimezone(UTC) + timedelta(minutes=29)).astimezone(BERLIN)


def test_hours_are_printed_as_dialplan(tmp_path: Path) -> None:
    office = hours(
        tmp_path, '{weekly: {mon: "09:00-18:00", tue: "00:00-24:00"}, dates: {2026-12-28: closed}}'
    )
    text = str(hours_context("office", "v1", office, "UTC", date(2026, 12, 1), date(2026, 12, 31)))

    assert text.startswith("[hours-office-v1]  ; returns open or closed\nexten => s,1,Set(NOW=")
    assert "exten => day-2026-12-28,1,Return(closed)\n" in text
    assert "exten => week-1,1,Return(${IF($[(${AT} >= 900 & ${AT} < 1800)]?open:closed)})\n" in text
    assert "exten => week-2,1,Return(open)\n" in text
    assert text.endswith("exten => week-7,1,Return(closed)")
    assert text.count("exten => day-") == 1
