"""The quoted files that Asterisk writes (`format = dsv`): where a record begins and ends.

Every field stands in quotes, and a quote inside one is doubled. A caller's text may hold the end of
a line, but never `"` alone: so a line that begins with a quote and no quote, comma or end after it
begins a record, and nothing a caller sends can.
"""

import re

_BETWEEN = re.compile(rb'\n(?="[^",\r\n])')
_FIELD = re.compile(rb'"((?:[^"]|"")*)"')


def whole_records(data: bytes) -> list[bytes]:
    """The records of `data`, ends included; joined they are its beginning.

    The last one is left out while its end is not written. What stands before the first beginning
    comes first, as it is.
    """
    *records, last = _BETWEEN.split(data)
    records = [record + b"\n" for record in records]
    return [*records, last] if is_whole(last) else records


def is_whole(record: bytes) -> bool:
    """Whether the end of a record is written: a line's end outside of all quotes."""
    return record.endswith(b"\n") and record.count(b'"') % 2 == 0


def fields_of(record: bytes, count: int) -> list[str] | None:
    """The fields of a record, None when there are not so many or something stands between them."""
    found = _FIELD.findall(record)
    between = _FIELD.sub(b"", record).rstrip(b"\r\n")
    if len(found) != count or between != b"," * (count - 1):
        return None
    return [value.replace(b'""', b'"').decode(errors="replace") for value in found]
