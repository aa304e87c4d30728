"""Grouped bars as SVG."""

import html

COLOURS = ("#3b6fb6", "#e08a1e", "#3f9b57", "#a23b72", "#7a6ff0", "#8c8c8c", "#c44536", "#17a2a2", "#b5a642", "#555555")
LEFT, TOP, BOTTOM, HEIGHT = 48, 56, 36, 220
GAP = 14  # between groups


def ticks(largest):
    """Round numbers from 0 to just above the largest value."""
    step = 10 ** len(str(int(largest))) / 10
    while largest / step > 6:
        step *= 2
    while largest / step < 3:
        step /= 2
    return [step * i for i in range(int(largest / step) + 2)]


def text(x, y, words, anchor="middle", size=11):
    """A piece of text."""
    return '<text x="%.1f" y="%.1f" text-anchor="%s" font-size="%d">%s</text>' % (x, y, anchor, size, html.escape(words))


def legend(names, width):
    """Colours and names in a line under the title."""
    parts, at = [], LEFT
    for i, name in enumerate(names):
        row, x = divmod(at, max(1, width - 120))
        y = 34 + 14 * int(row)
        parts.append('<rect x="%d" y="%d" width="9" height="9" fill="%s"/>' % (x, y - 8, COLOURS[i % len(COLOURS)]))
        parts.append(text(x + 13, y, name, "start"))
        at += 28 + 6 * len(name)
    return parts


def grouped_bars(title, groups, series, line=None):
    """SVG.   groups: names; series: {name: values in the groups' order, None for a gap}; line: a level to mark."""
    bar = 16 if len(series) <= 4 else 9
    width = LEFT + len(groups) * (len(series) * bar + GAP) + GAP
    width = max(width, 420)
    marks = ticks(max(value for values in series.values() for value in values if value is not None))
    bottom = TOP + HEIGHT

    def level(value):
        return bottom - HEIGHT * value / marks[-1]

    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif">'
           % (width, bottom + BOTTOM), '<rect width="100%" height="100%" fill="white"/>',
           text(LEFT, 16, title, "start", 13), *legend(list(series), width)]
    for mark in marks:
        out.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/>' % (LEFT, width - 8, level(mark), level(mark)))
        out.append(text(LEFT - 6, level(mark) + 4, "%g" % mark, "end"))
    for g, group in enumerate(groups):
        x = LEFT + GAP + g * (len(series) * bar + GAP)
        out.append(text(x + len(series) * bar / 2, bottom + 16, group))
        for s, values in enumerate(series.values()):
            if values[g] is not None:
                out.append('<rect x="%.1f" y="%.1f" width="%d" height="%.1f" fill="%s"/>' % (
                    x + s * bar, level(values[g]), bar - 1, bottom - level(values[g]), COLOURS[s % len(COLOURS)]))
    if line is not None:
        out.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#333" stroke-dasharray="4 3"/>'
                   % (LEFT, width - 8, level(line), level(line)))
    return "\n".join([*out, "</svg>"]) + "\n"
