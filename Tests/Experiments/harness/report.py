"""Tables in Markdown, means with their spread, and curves as SVG."""

from __future__ import annotations

import dataclasses
import statistics

COLORS = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd"]


@dataclasses.dataclass
class Result:
    text: str
    pictures: dict[str, bytes] = dataclasses.field(default_factory=dict)  # by file name


def table(header: list[str], rows: list[list]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def spread(values: list[float], digits: int = 1) -> str:
    """Mean, and the sample's standard deviation where there is one."""
    mean = f"{statistics.fmean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


def chart(title: str, x_label: str, y_label: str, curves: dict[str, list[tuple[float, float]]]) -> bytes:
    """An SVG of curves from the origin of y on, with a dot at each point."""
    width, height, left, bottom, top = 640, 400, 60, 50, 40
    xs = [x for points in curves.values() for x, _ in points]
    highest = max(y for points in curves.values() for _, y in points) * 1.1 or 1
    low, high = min(xs), max(xs) if max(xs) > min(xs) else min(xs) + 1

    def at(x: float, y: float) -> tuple[float, float]:
        across = left + (x - low) / (high - low) * (width - left - 30)
        return round(across, 1), round(height - bottom - y / highest * (height - bottom - top), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{width / 2}" y="22" text-anchor="middle" font-size="15">{title}</text>',
        f'<text x="{width / 2}" y="{height - 10}" text-anchor="middle">{x_label}</text>',
        f'<text x="16" y="{height / 2}" text-anchor="middle" transform="rotate(-90 16 {height / 2})">{y_label}</text>',
    ]
    for step in range(6):
        y = highest * step / 5
        (x1, place), (x2, _) = at(low, y), at(high, y)
        parts.append(f'<path d="M{x1} {place}H{x2}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{place + 4}" text-anchor="end">{y:.3g}</text>')
    for x in sorted(set(xs)) if len(set(xs)) <= 10 else [low + (high - low) * step / 5 for step in range(6)]:
        place, below = at(x, 0)
        parts.append(f'<text x="{place}" y="{below + 18}" text-anchor="middle">{x:.4g}</text>')
    for number, (name, points) in enumerate(curves.items()):
        color, places = COLORS[number % len(COLORS)], [at(x, y) for x, y in points]
        line = "L".join(f"{x} {y}" for x, y in places)
        parts.append(f'<path d="M{line}" fill="none" stroke="{color}" stroke-width="2"/>')
        parts.extend(f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>' for x, y in places)
        parts.append(f'<text x="{left + 12}" y="{top + 14 + 16 * number}" fill="{color}">{name}</text>')
    return ("\n".join([*parts, "</svg>"]) + "\n").encode()
