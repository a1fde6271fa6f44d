"""Every route that a center's text has, with its place: what the checks of routes go through."""

from collections.abc import Iterator
from dataclasses import dataclass

from callrouter.department import EVENTS
from callrouter.destination import Destination, Route
from center.load import Center
from switchboard.problems import Place
from switchboard.prompt import Prompt
from switchboard.yamltext import Text


@dataclass(frozen=True, slots=True)
class WrittenWay:
    """One route as written: in the words of the compiled table, what it leaves and by which key."""

    state: str
    event: str
    route: Route
    place: Place | None

    @property
    def is_menu_key(self) -> bool:
        """Whether `repeat`, `back` and `hangup` may stand here."""
        return self.state.startswith("menu/") and self.event.startswith("key ")

    def place_of(self, rule: Destination) -> Place | None:
        """Where one of the rules stands; the route's own place where it has none."""
        texts = [rule.name, rule.hours, *rule.callers, rule.language]
        if rule.goodbye:
            texts.insert(0, first_text(rule.goodbye))
        own = (text.place for text in texts if text is not None and text.place)
        return next(own, self.place)


def written_ways(center: Center) -> Iterator[WrittenWay]:
    """All routes: of numbers, menus, departments and extensions."""
    for number, route in center.router.numbers.items():
        yield WrittenWay(f"arrival/{number}", "arrives", route, number.place)
    for name, menu in center.menus.items():
        for key, route in menu.keys.items():
            yield WrittenWay(f"menu/{name}", f"key {key}", route, key.place)
        yield WrittenWay(f"menu/{name}", "otherwise", menu.otherwise, name.place)
    for name, department in center.router.departments.items():
        state = f"department/{name}"
        for event in EVENTS:
            route_taken: Route | None = getattr(department, f"when_{event}")
            if route_taken:
                yield WrittenWay(state, event, route_taken, name.place)
        if department.otherwise:
            yield WrittenWay(state, "otherwise", department.otherwise, name.place)
        for key, route in department.keys.items():
            yield WrittenWay(state, f"key {key}", route, key.place)
    for number, extension in center.router.extensions.items():
        if extension.otherwise:
            yield WrittenWay(f"extension/{number}", "otherwise", extension.otherwise, number.place)
    outbound = center.router.outbound
    for number, outside in outbound.numbers.items() if outbound else ():
        if outside.otherwise:
            yield WrittenWay(f"number/{number}", "otherwise", outside.otherwise, number.place)


def first_text(prompt: Prompt) -> Text:
    """The text that a prompt begins with, in the first of its languages."""
    parts = next(iter(prompt.by_language.values()), ())
    return parts[0].text if parts else Text()
