"""The section `speech:` of `center.yaml`."""

from typing import Literal

from switchboard.noun import Noun
from switchboard.shapes import Texts
from switchboard.yamltext import Text


class Speech(Noun):
    """The engine that speaks `say:` texts, and its voice for each language.

    `command` is an argument list with `{text_file}`, `{voice}`, `{language}` and `{wav}`.
    """

    engine: Literal["espeak-ng", "piper", "command"] = "espeak-ng"
    voices: dict[Text, Text] = {}
    command: Texts = ()


class SpeechSection(Noun):
    """How prompts are spoken."""

    speech: Speech = Speech()
