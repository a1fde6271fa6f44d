"""The user events that calls leave in CEL are those that asterisk-config/README.md explains."""

import re
from pathlib import Path

SOURCES = ("asterisk-config/parts/*.j2", "callrouter/*.py", "ivr/*.py", "voicemail/*.py")
WRITTEN = re.compile(r'CELGenUserEvent(?:\(|", f?")([a-z-]+),')
ROW = re.compile(r"^\| `([a-z-]+)` \|", re.MULTILINE)


def test_every_user_event_is_explained(project: Path) -> None:
    written = {
        event
        for pattern in SOURCES
        for path in project.glob(pattern)
        for event in WRITTEN.findall(path.read_text("utf-8"))
    }
    readme = (project / "asterisk-config" / "README.md").read_text("utf-8")
    explained = ROW.findall(readme.partition("## User events")[2])
    assert explained == sorted(explained)
    assert set(explained) == written
