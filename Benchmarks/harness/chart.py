"""The cost of a sample as bars on a logarithmic scale, as SVG."""

import html
import math

WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 860, 320, 90, 17, 7, 64
COLOURS = {"ours": "#0b6e4f", "learns": "#c8553d", "other": "#8d99ae", "step": "#d9cfc1"}
KINDS = {"ours": "anomalyd, whole pipeline", "learns": "an LSTM with online learning",
         "other": "another online detector", "step": "a forward step only, no learning"}


def kind_of(name):
    """The kind of a peer."""
    if "step" in name:
        return "step"
    return "other" if name.startswith("River") else "learns"


def bars(run):
    """(name, microseconds, kind), cheapest first."""
    found = []
    for section, name, label in (("pipeline", "anomalyd", "anomalyd, one metric"),
                                 ("metrics", "10000 in order", "anomalyd, 10,000 metrics in turn")):
        if (section, name) in run.entries:
            found.append((label, run.entries[(section, name)]["value"]["median"], "ours"))
    for name in run.names("peers"):
        if " threads" in name:
            continue  # the chart is for one core
        found.append((name, run.entries[("peers", name)]["value"]["median"], kind_of(name)))
    return sorted(found, key=lambda bar: bar[1])


def svg(run):
    """The whole chart."""
    rows = bars(run)
    low = math.floor(math.log10(min(value for _, value, _ in rows)))
    high = math.ceil(math.log10(max(value for _, value, _ in rows)))
    bottom = TOP + len(rows) * (BAR + GAP)

    def x(value):
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 34}" '
        'font-family="sans-serif" font-size="12" role="img">',
        "<title>CPU time per sample of one metric, in microseconds, logarithmic</title>",
        f'<rect width="{WIDTH}" height="{bottom + 34}" fill="white"/>',
        '<text x="12" y="22" font-size="15">CPU time per sample of one metric, in microseconds '
        '(logarithmic; shorter is better)</text>',
    ]
    place = 12
    for kind, text in KINDS.items():
        parts.append(f'<rect x="{place}" y="36" width="11" height="11" fill="{COLOURS[kind]}"/>'
                     f'<text x="{place + 16}" y="46">{text}</text>')
        place += 36 + 6.4 * len(text)
    for power in range(low, high + 1):
        at = f"{x(10 ** power):.1f}"
        label = f"{10 ** power:,}" if power >= 0 else f"{10 ** power:g}"
        parts.append(f'<line x1="{at}" x2="{at}" y1="{TOP - 6}" y2="{bottom}" stroke="#e3e3e3"/>'
                     f'<text x="{at}" y="{bottom + 18}" text-anchor="middle">{label} µs</text>')
    for index, (name, value, kind) in enumerate(rows):
        y = TOP + index * (BAR + GAP)
        weight = ' font-weight="bold"' if kind == "ours" else ""
        text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end"{weight}>{html.escape(name)}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{x(value) - LEFT:.1f}" height="{BAR}" '
            f'fill="{COLOURS[kind]}"/>'
            f'<text x="{x(value) + 6:.1f}" y="{y + 13}"{weight}>{text}</text>')
    return "\n".join(parts + ["</svg>", ""])
