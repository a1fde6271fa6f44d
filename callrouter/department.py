"""Departments: queues of callers and the members who serve them."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from callrouter.destination import Route, WrittenRoute
from switchboard.noun import Noun
from switchboard.shapes import Count, Seconds
from switchboard.yamltext import Text

EVENTS = ("closed", "no_agents", "full", "timeout")  # each has its `when_...`
STRATEGIES = Literal[
    "ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "rrordered", "linear", "wrandom"
]


class Member(Noun):
    """An extension that serves a department; of members who are free the lowest penalty rings."""

    extension: Text
    penalty: int = Field(default=0, ge=0, le=100)


class Announcements(Noun):
    """What a waiting caller is told."""

    position: bool = False
    wait: bool = False
    every_seconds: int = Field(default=45, ge=15, le=3600)


class ServiceLevel(Noun):
    """What the department promises: this per cent of calls answered within so many seconds."""

    percent: int = Field(default=80, ge=1, le=100)
    seconds: int = Field(default=20, ge=1, le=3600)
    short_abandon_seconds: int = Field(default=5, ge=0, le=600)


def _member(written: Any) -> Any:
    return {"extension": written} if isinstance(written, Text) else written


WrittenMember = Annotated[
    Member,
    BeforeValidator(_member),
    WithJsonSchema({"anyOf": [{"type": "string"}, Member.model_json_schema()]}),
]


def _names(written: Any) -> Any:
    return {Text(""): written} if isinstance(written, Text) else written


class Department(Noun):
    """A queue: who serves it, how long one waits, and where a caller goes who is not served."""

    name: Annotated[
        dict[Text, Text],
        BeforeValidator(_names),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}]}),
    ] = {}
    extension: Text | None = None
    caller_id: Text | None = None
    members: tuple[WrittenMember, ...] = ()
    strategy: STRATEGIES = "rrmemory"
    ring_seconds: Seconds = 20
    wrapup_seconds: int = Field(default=0, ge=0, le=3600)
    max_wait_seconds: Seconds = 300
    max_callers: Count | None = None
    caller_prefix: Text | None = None
    music: Text | None = None
    announcements: Announcements = Announcements()
    keys: dict[Text, WrittenRoute] = {}
    hours: Text | None = None
    when_closed: WrittenRoute | None = None
    when_no_agents: WrittenRoute | None = None
    when_full: WrittenRoute | None = None
    when_timeout: WrittenRoute | None = None
    otherwise: WrittenRoute | None = None
    service_level: ServiceLevel = ServiceLevel()

    def written_route(self, event: str) -> Route | None:
        """Where `event` leads as written: its own `when_...`, else `otherwise`, else None."""
        route: Route | None = getattr(self, f"when_{event}")
        return route or self.otherwise
