"""The section `fax:` of `center.yaml`."""

from fax2pdf.fax import FaxLine
from switchboard.noun import Noun
from switchboard.yamltext import Text


class FaxSection(Noun):
    """The fax lines by name."""

    fax: dict[Text, FaxLine] = {}
