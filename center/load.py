"""From a directory of text to one typed center: all files read, all problems told in one pass."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from callrouter.section import RouterSection
from fax2pdf.section import FaxSection
from ivr.menu import Menu
from ivr.section import SpeechSection
from reports.section import ReportsSection
from switchboard.noun import Noun, read_noun
from switchboard.problems import Place, Problems, Source, meant
from switchboard.section import GroundSection
from switchboard.yamltext import Table, Text, read_yaml
from voicemail.section import VoicemailSection

SECTIONS: tuple[type[Noun], ...] = (
    GroundSection,
    RouterSection,
    VoicemailSection,
    FaxSection,
    SpeechSection,
    ReportsSection,
)
AnySection = TypeVar("AnySection", bound=Noun)


@dataclass(frozen=True)
class Center:
    """A center as written, each package's section in its own noun; the menus by name."""

    directory: Path
    ground: GroundSection
    router: RouterSection
    voicemail: VoicemailSection
    fax: FaxSection
    speech: SpeechSection
    reports: ReportsSection
    menus: dict[Text, Menu]
    left_out: frozenset[str]  # keys that could not be read; a center without problems has none


def known_sections() -> set[str]:
    """Every key that may stand at the top of `center.yaml`."""
    return {
        field.alias or name for section in SECTIONS for name, field in section.model_fields.items()
    }


def load_center(
    directory: Path, problems: Problems, environment: Mapping[str, str] | None = None
) -> Center | None:
    """The center of a directory, None when too little of it can be read; see `problems`.

    With errors among the problems it is there only to be checked further.
    """
    environment = os.environ if environment is None else environment
    left_out: set[str] = set()
    tree = _whole_tree(directory, problems, environment)
    menus = _menus(directory, problems, environment, left_out)
    if tree is None:
        return None
    ground = _read_section(GroundSection, tree, problems, left_out)
    router = _read_section(RouterSection, tree, problems, left_out)
    voicemail = _read_section(VoicemailSection, tree, problems, left_out)
    fax = _read_section(FaxSection, tree, problems, left_out)
    speech = _read_section(SpeechSection, tree, problems, left_out)
    reports = _read_section(ReportsSection, tree, problems, left_out)
    if not (ground and router and voicemail and fax and speech and reports):
        return None
    center = Center(
        directory, ground, router, voicemail, fax, speech, reports, menus, frozenset(left_out)
    )
    return _with_caller_files(center, problems)


def _whole_tree(
    directory: Path, problems: Problems, environment: Mapping[str, str]
) -> Table | None:
    """`center.yaml` with the sections that stand in files of their own."""
    path = directory / "center.yaml"
    if not path.is_file():
        place = Place(Source("center.yaml", ()), 1, 1)
        problems.error(place, f"there is no center.yaml in {directory}", "no-center")
        return None
    tree = read_yaml(path, "center.yaml", problems, environment)
    if not isinstance(tree, Table):
        if tree is not None:
            place = Place(Source("center.yaml", ()), 1, 1)
            problems.error(place, "sections are expected here, such as `name: Acme`", "value")
        return None
    for path in sorted(directory.glob("*.yaml")):
        if path.name == "center.yaml":
            continue
        name = Text.at(path.stem, Place(Source(path.name, ()), 1, 1))
        if name in tree:
            where = next(key for key in tree if key == name).place
            problems.error(name.place, f"“{name}” stands in {where} too", "duplicate-key")
        tree[name] = read_yaml(path, path.name, problems, environment)
    for key in tree:
        if key not in known_sections():
            message = f"unknown key “{key}”{meant(key, known_sections())}"
            problems.error(key.place, message, "unknown-key")
    return tree if all(section is not None for section in tree.values()) else None


def _read_section(
    section: type[AnySection], tree: Table, problems: Problems, left_out: set[str]
) -> AnySection | None:
    names = {field.alias or name for name, field in section.model_fields.items()}
    own = Table({key: value for key, value in tree.items() if key in names})
    own.place = tree.place
    return read_noun(section, own, problems, left_out)


def _menus(
    directory: Path, problems: Problems, environment: Mapping[str, str], left_out: set[str]
) -> dict[Text, Menu]:
    menus: dict[Text, Menu] = {}
    for path in sorted((directory / "menus").glob("[!.]*")):
        if path.suffix != ".yaml":
            place = Place(Source(f"menus/{path.name}", ()), 1, 1)
            problems.warning(place, "is not read: a menu is menus/NAME.yaml", "ignored-file")
    for path in sorted((directory / "menus").glob("*.yaml")):
        if path.name.endswith(".test.yaml"):
            continue
        shown = f"menus/{path.name}"
        tree: Any = read_yaml(path, shown, problems, environment)
        menu = None if tree is None else read_noun(Menu, tree, problems, left_out)
        if menu is None:
            left_out.add(path.stem)
            continue
        source = tree.place.source if tree.place else Source(shown, ())
        menus[Text.at(path.stem, Place(source, 1, 1))] = menu
    return menus


def _with_caller_files(center: Center, problems: Problems) -> Center:
    callers = {
        name: listed.with_file(center.directory, problems)
        for name, listed in center.router.callers.items()
    }
    return replace(center, router=center.router.model_copy(update={"callers": callers}))
