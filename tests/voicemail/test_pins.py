"""Which locks of PINs are told."""

from datetime import UTC, datetime

from voicemail.pins import pin_troubles

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
EARLIER, LATER = int(NOW.timestamp()) - 1, int(NOW.timestamp()) + 60


def test_locks_are_told_while_they_last_and_counts_alone_are_not() -> None:
    counts = {
        "caller/201": f"3-{EARLIER}-{LATER}",
        "caller/202": f"2-{EARLIER}-{EARLIER}",
        "mailbox/sales": f"6-{EARLIER}-{LATER}",
        "all/phones": f"30-{EARLIER}-{LATER}",
        "caller/203": "",
        "caller/204": "something else",
    }
    told = {trouble.key: trouble.words for trouble in pin_troubles(counts, NOW)}
    assert told == {
        "pin:caller/201": "too many wrong PINs from extension 201: *98 is locked there",
        "pin:mailbox/sales": "too many wrong PINs at mailbox sales: *98 is locked there",
        "pin:all/phones": "too many wrong PINs everywhere: *98 is locked there",
    }
