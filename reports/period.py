"""The period of a report, in the center's time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reports.store import Span
from switchboard.errors import SwitchboardError


class PeriodInvalid(SwitchboardError):
    """The period that was asked for cannot be one."""


@dataclass(frozen=True)
class Period:
    """From `begin` on, `end` no longer; both with the center's zone."""

    begin: datetime
    end: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, begin: str, end: str, zone: ZoneInfo) -> "Period":
        """From ISO 8601: a date in `end` is included, a time is not. Raises PeriodInvalid."""
        first, last = _moment(begin, zone, days=0), _moment(end, zone, days=1)
        if last <= first:
            raise PeriodInvalid(f"a period from {begin} to {end} is empty")
        return cls(first, last, zone)

    @property
    def span(self) -> Span:
        return Span(_milliseconds(self.begin), _milliseconds(self.end))

    @property
    def days(self) -> int:
        """How many days of the calendar it touches."""
        last = self.end - timedelta(microseconds=1)
        return last.toordinal() - self.begin.toordinal() + 1

    def local(self, milliseconds: int) -> datetime:
        """A moment of a record on the center's clock."""
        return datetime.fromtimestamp(milliseconds / 1000, self.zone)

    def as_json(self) -> dict[str, str]:
        return {
            "from": self.begin.isoformat(),
            "to": self.end.isoformat(),
            "timezone": str(self.zone),
        }


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(written: str, zone: ZoneInfo, days: int) -> datetime:
    """A date is its first moment, `days` later; the calendar adds them, so a day may have 23 h."""
    try:
        if len(written) == len("2026-11-22"):
            day = date.fromisoformat(written) + timedelta(days=days)
            return datetime.combine(day, time(), zone)
        moment = datetime.fromisoformat(written)
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise PeriodInvalid(
            f"“{written}” is no date such as 2026-11-22 and no time such as 2026-11-22T09:00"
        ) from None
