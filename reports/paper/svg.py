"""Drawings as SVG: words are text there, whatever they are."""

from markupsafe import Markup

from reports.paper.shapes import Chart, Line, Shape, Words

_TEXT = Markup(
    '<text x="{:.1f}" y="{:.1f}" font-size="{:g}" fill="{}" text-anchor="{}"{}>{}</text>'
)
_BAR = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}">{}</rect>')
_LINE = Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="{:g}"{}/>')
_WHOLE = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {:g} {:g}" role="img"'
    ' font-family="PT Sans, Noto Sans, sans-serif"><title>{}</title>{}</svg>\n'
)


def svg(chart: Chart) -> Markup:
    """A drawing; what it shows stands in its title, for who cannot see it."""
    inside = Markup("\n").join(_shape(shape) for shape in chart.shapes)
    says = ". ".join(filter(None, (chart.title, chart.says)))
    return _WHOLE.format(chart.width, chart.height, printable(says), inside)


def printable(words: str) -> str:
    """No control characters, which no XML may hold; nothing that turns the direction of a text."""
    return "".join(sign for sign in words if sign.isprintable())


def _shape(shape: Shape) -> Markup:
    if isinstance(shape, Words):
        weight = Markup(' font-weight="bold"') if shape.bold else ""
        place = (shape.x, shape.y, shape.size, shape.colour, shape.anchor)
        return _TEXT.format(*place, weight, printable(shape.text))
    if isinstance(shape, Line):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
        dashes = Markup(' stroke-dasharray="3 2"') if shape.is_dashed else ""
        return _LINE.format(points, shape.colour, shape.width, dashes)
    says = Markup("<title>{}</title>").format(printable(shape.says)) if shape.says else ""
    return _BAR.format(shape.x, shape.y, shape.width, shape.height, shape.colour, says)
