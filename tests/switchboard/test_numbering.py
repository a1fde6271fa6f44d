import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from switchboard.numbering import NumberingPlan, is_country, numbering_plan

# national forms that the plan leaves as they came: mobile prefixes of their own, or lengths that a
# local number has too
NATIONAL_UNKNOWN = set("AR BY CN CO KI LB LI MC MN NP PE RW SO".split())


def plan(country: str) -> NumberingPlan:
    found = numbering_plan(country)
    assert found is not None
    return found


def digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())


@pytest.mark.parametrize(
    ("country", "written", "e164"),
    [
        ("RU", "+74951234567", "+74951234567"),
        ("RU", "74951234567", "+74951234567"),
        ("RU", "84951234567", "+74951234567"),
        ("RU", "4951234567", "+74951234567"),
        ("RU", "810442079460000", "+442079460000"),
        ("US", "12125550123", "+12125550123"),
        ("US", "2125550123", "+12125550123"),
        ("US", "011442079460000", "+442079460000"),
        ("GB", "02079460000", "+442079460000"),
        ("GB", "0012125550123", "+12125550123"),
        ("DE", "030123456", "+4930123456"),
        ("DE", "004930123456", "+4930123456"),
        ("IT", "0212345678", "+390212345678"),
        ("IT", "390212345678", "+390212345678"),
        ("TH", "021234567", "+6621234567"),
        ("TH", "00144207946000", "+44207946000"),
        ("AU", "0011442079460000", "+442079460000"),
        ("SG", "00144207946000", "+44207946000"),
    ],
)
def test_a_number_becomes_e164(country: str, written: str, e164: str) -> None:
    assert plan(country).e164(written) == e164


@pytest.mark.parametrize("written", ["201", "112", "", "anonymous", "+", "*98", "+7495abc"])
def test_what_fits_no_form_stays_as_it_came(written: str) -> None:
    assert plan("RU").e164(written) == written


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_numbers_of_every_country_become_e164(country: str) -> None:
    for kind in (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE):
        number = phonenumbers.example_number_for_type(country, kind)
        if number is None:
            continue
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        national = digits(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
        assert plan(country).e164(e164) == e164
        if country not in NATIONAL_UNKNOWN:
            assert plan(country).e164(e164.removeprefix("+")) == e164
            assert plan(country).e164(national) == e164


def test_e164_stays_e164() -> None:
    for country in ("RU", "US", "IT"):
        once = plan(country).e164("810442079460000")
        assert plan(country).e164(once) == once


@pytest.mark.parametrize(
    ("country", "numbers"),
    [
        ("RU", {"101", "102", "103", "104", "112"}),
        ("US", {"911", "112"}),
        ("GB", {"999", "112"}),
        ("DE", {"110", "112"}),
        ("AU", {"000", "112"}),
    ],
)
def test_the_emergency_numbers_of_a_country_are_known(country: str, numbers: set[str]) -> None:
    assert numbers <= plan(country).emergency_numbers


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_country_has_an_emergency_number(country: str) -> None:
    assert plan(country).emergency_numbers
    assert all(number.isdecimal() for number in plan(country).emergency_numbers)


@pytest.mark.parametrize("country", ["XX", "ru", "", "RUS", "001"])
def test_what_is_no_country_has_no_plan(country: str) -> None:
    assert not is_country(country)
