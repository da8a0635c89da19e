"""The table as text, and as a picture."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version

from adlib.viz.style import MUTED, ROLES, WARNING, new_figure, png, style
from tests.benchmarks.measure import FASTER, Row

PEERS = ("numpy", "micrograd", "autograd", "mygrad", "torch", "jax")


def number(row: Row) -> str:
    """Write what was reached."""
    if row.got is None:
        return "–"
    if row.unit == FASTER and row.got < 0.95:
        return f"{1 / row.got:.2f} × slower"
    digits = 0 if row.unit in ("bytes", "ms", "s", "kB") else 2
    return f"{row.got:.{digits}f} {row.unit}"


def wanted(row: Row) -> str:
    """Write what was wanted."""
    signs = row.wanted.replace(">=", "≥").replace("<=", "≤")
    return signs and f"{signs} {row.unit}"


def versions() -> str:
    """Say what was measured with what."""
    parts = [f"Python {platform.python_version()}"]
    for name in PEERS:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            parts.append(f"{name} not installed")
    return ", ".join(parts)


def load() -> str:
    """Say how busy the machine is, to be asked before measuring; numbers from a busy one are not to be published."""
    busy, cores = os.getloadavg()[0], os.cpu_count() or 1
    warning = "; TOO BUSY to measure: wait, and run again" if busy > 0.5 * cores else ""
    return f"load {busy:.1f} on {cores} cores before the start{warning}"


def as_text(rows: Sequence[Row], busy: str) -> str:
    """Set the table for a terminal."""
    head = ("what", "against", "reached", "wanted", "verdict", "note")
    lines = [(r.what, r.against, number(r), wanted(r), r.verdict, r.note) for r in rows]
    return _aligned([head, *lines]) + f"\n\n{versions()}\n{busy}\n"


def _aligned(lines: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    out = ["  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    out.insert(1, "  ".join("-" * w for w in widths))
    return "\n".join(out)


def as_markdown(rows: Sequence[Row]) -> str:
    """Set what was measured as a short Markdown table, for the README."""
    lines = ["| what | against | reached | wanted |", "|---|---|---|---|"]
    for r in rows:
        if r.got is not None:
            mark = "" if r.verdict != "NOT REACHED" else " (not reached)"
            lines.append(f"| {r.what} | {r.against} | {number(r)}{mark} | {wanted(r)} |")
    return "\n".join(lines) + "\n"


def as_png(rows: Iterable[Row]) -> bytes:
    """Draw how many times better than wanted each row is, on one logarithmic axis."""
    shown = [r for r in rows if r.margin is not None][::-1]
    figure = new_figure(9.0, 0.9 + 0.3 * len(shown))
    with style():
        ax = figure.subplots()
        for place, row in enumerate(shown):
            margin = min(max(row.margin or 1.0, 0.1), 20.0)
            mark = ROLES["adjoint"] if row.verdict == "reached" else None
            colour = mark.colour if mark else WARNING
            ax.plot([1, margin], [place, place], color=colour, linewidth=2.5, solid_capstyle="butt")
            ax.plot([margin], [place], color=colour, marker="o" if mark else "X")
            side, align = (6, "left") if margin >= 1 else (-6, "right")
            ax.annotate(
                number(row),
                (margin, place),
                (side, 0),
                textcoords="offset points",
                va="center",
                ha=align,
                fontsize=8.5,
            )
        ax.axvline(1, color=MUTED, linewidth=1)
        ax.set_xscale("log")
        ax.set_xlim(0.3, 40)
        ax.set_xticks([0.5, 1, 2, 5, 10, 20], ["½", "1", "2", "5", "10", "20"])
        ax.minorticks_off()
        ax.set_ylim(-0.7, len(shown) - 0.3)
        ax.set_yticks(
            range(len(shown)), [f"{r.what}\n{r.against}, wanted {wanted(r)}" for r in shown], fontsize=6.5
        )
        ax.set_xlabel("how many times better than wanted (× and red: not reached)")
        ax.set_title("adlib beside other libraries and beside itself")
        figure.tight_layout()
    return png(figure, dpi=150)
