"""Numbers that cost more than a call: premium-rate and shared-cost ones, by country code.

The tables are those of phonenumbers. Their patterns are printed into the dialplan too, so they
stand in the words of POSIX regular expressions, which Asterisk's REGEX reads as Python does.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata


def costly_patterns(prefixes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Country code -> patterns of its costly numbers, for every country that `prefixes` reach.

    A pattern matches at the beginning of the number behind the country code. It has no end: a
    carrier that is sent too many digits dials the first ones.
    """
    codes = sorted(map(str, COUNTRY_CODE_TO_REGION_CODE))
    reached = [
        code
        for code in codes
        if any(f"+{code}".startswith(one) or one.startswith(f"+{code}") for one in prefixes)
    ]
    return {code: _patterns(int(code)) for code in reached}


@cache
def _patterns(code: int) -> tuple[str, ...]:
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    found = []
    for region in regions:
        metadata = (
            PhoneMetadata.metadata_for_nongeo_region(code)
            if region == "001"
            else PhoneMetadata.metadata_for_region(region)
        )
        kinds = (metadata.premium_rate, metadata.shared_cost) if metadata else ()
        found += [kind.national_number_pattern for kind in kinds if kind]
    return tuple(dict.fromkeys(_posix(pattern) for pattern in found if pattern))


def _posix(pattern: str) -> str:
    return pattern.replace("(?:", "(").replace(r"\d", "[0-9]")
