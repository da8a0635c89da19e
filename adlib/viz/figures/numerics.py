"""The pictures of notebooks 00 and 02."""

from __future__ import annotations

from typing import Any

import numpy as np

from adlib.viz import cases, plots
from adlib.viz.figures.registry import figure
from adlib.viz.style import INK, METHODS, MUTED, Picture, new_figure

_LEFT: Any = {"x": 0.01, "ha": "left", "fontsize": 10.5, "fontweight": "bold"}


@figure("methods")
def methods() -> Picture:
    """Show six methods on the running example, each with its error."""
    case = cases.CASES["f"]
    got = cases.answers(1e-8)
    got["central difference"] = cases.answers(1e-5)["central difference"]  # each at a step that suits it
    drawing = new_figure(7.6, 2.9)
    ax = drawing.subplots()
    relative = {name: abs(value - case.first) / abs(case.first) for name, value in got.items()}
    plots.draw_methods(ax, relative)
    ax.set_title("Half of the digits, two thirds of them, or all")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Relative error of six ways to compute the derivative of f by x2 at (2, 1), on a logarithmic "
        "axis. The forward difference with h = 1e-8 has about 7 right digits, the central one with 1e-5 "
        "about 10; complex step, "
        "forward mode, reverse mode and the formula by hand have all 15 or 16.",
    )


@figure("digits")
def digits() -> Picture:
    """Show the forward difference's digits for sixteen steps, the right ones apart from the others."""
    case = cases.CASES["f"]
    mark = METHODS["forward difference"]
    drawing = new_figure(7.6, 4.6)
    ax = drawing.subplots()
    ax.set_axis_off()
    ax.set(xlim=(0, 76), ylim=(18.2, -1.2))
    mono: dict[str, Any] = {"family": "DejaVu Sans Mono", "fontsize": 11, "va": "center"}
    advance = 0.602 * 11 / 72 / 7.6 * 76  # of one monospaced character, in units of the x axis
    ax.text(2, 0, "step", va="center", color=MUTED)
    ax.text(14, 0, "forward difference", va="center", color=MUTED)
    ax.text(46, 0, "right digits: $k$ for a relative error of $10^{-k}$", va="center", color=MUTED)
    for k in range(1, 17):
        answer = cases.answers(10.0**-k)["forward difference"]
        right, rest = plots.right_digits(answer, case.first)
        count = max(0.0, -np.log10(abs(answer - case.first) / abs(case.first)))
        ax.text(2, k, f"$h = 10^{{-{k}}}$", va="center")
        # One character at a time: hinting makes a bold text longer than one that is not, and they would touch.
        for column, character in enumerate(right + rest):
            bold = column < len(right)
            ax.text(
                14 + advance * column,
                k,
                character,
                color=mark.colour if bold else MUTED,
                fontweight="bold" if bold else "normal",
                **mono,
            )
        ax.barh(k, 3.2 * count, left=46, height=0.55, color=mark.tint, edgecolor=mark.colour, linewidth=0.8)
        ax.text(46.8 + 3.2 * count, k, f"{count:.1f}", va="center")
    right, _ = plots.right_digits(case.first, case.first)
    ax.text(2, 17.5, "true value", va="center")
    for column, character in enumerate(right):
        ax.text(14 + advance * column, 17.5, character, fontweight="bold", **mono)
    ax.set_title("Smaller steps win digits down to about $\\mathbf{10^{-8}}$, then they lose them", x=0.026)
    drawing.subplots_adjust(left=0.0, right=1.0, top=0.93, bottom=0.0)
    return Picture(
        drawing,
        "Sixteen rows, for steps from 1e-1 down to 1e-16: the forward difference for f by x2 at (2, 1), "
        "its right digits in bold, and a bar as long as their number, counted by the relative error. With each step "
        "it grows by one, from 0.8 to more than 7 at 1e-8; then it shrinks again, to 0 at 1e-16, where the "
        "quotient is 0.",
    )


@figure("secants")
def secants() -> Picture:
    """Show the forward and the central secant beside the tangent."""
    case = cases.CASES["f"]
    drawing = new_figure(7.6, 3.3)
    axes = drawing.subplots(1, 2, sharex=True, sharey=True)
    t = np.linspace(0.35, 1.6, 300)
    h = 0.4
    slope_of = {
        "forward difference": (case.x, case.x + h),
        "central difference": (case.x - h, case.x + h),
    }
    for ax, (method, (a, b)) in zip(axes, slope_of.items(), strict=True):
        mark = METHODS[method]
        fa, fb = float(case.f(a)), float(case.f(b))
        slope = (fb - fa) / (b - a)
        ax.plot(t, case.f(t), color=INK)
        ax.plot(t, case.value + case.first * (t - case.x), color=MUTED, linestyle=(0, (6, 3)), linewidth=1)
        ax.plot(t, fa + slope * (t - a), color=mark.colour)
        ax.plot([a, b], [fa, fb], **mark.points, markersize=7)
        ax.plot([case.x], [case.value], marker="o", color=INK, markersize=4)
        ax.set_title(f"{method}: slope {slope:.3f}".replace("-", "−"))
        ax.set_xlabel("$x_2$")
        ax.set_ylim(1.1, 3.2)
    axes[0].set_ylabel("$f(2, x_2)$")
    for ax in axes:
        ax.text(1.36, 1.2, "tangent: slope −1.380", color=MUTED, ha="right")
    drawing.tight_layout()
    return Picture(
        drawing,
        "The curve f(2, x2) with its tangent at x2 = 1, dashed. Left: the secant of the forward "
        "difference with h = 0.4 is clearly less steep. Right: the secant of the central difference is "
        "nearly parallel to the tangent.",
    )


@figure("step-size")
def step_size() -> Picture:
    """Show the V of the error against the step for two functions."""
    drawing = new_figure(9.0, 4.3)
    axes = drawing.subplots(1, 2, sharey=True)
    for ax, name in zip(axes, ("f", "logistic"), strict=True):
        case = cases.CASES[name]
        lines = plots.draw_v(ax, case, ("forward difference", "central difference", "complex step"))
        ax.set_title(case.latex, fontweight="normal")
        for x, y, text in (
            (1e-13, 30, r"$\propto 1/h$"),
            (2e-5, 3e-2, r"$\propto h$"),
            (2e-3, 3e-9, r"$\propto h^2$"),
        ):
            ax.text(x, y, text, color=INK)
    axes[1].set_ylabel("")
    grey = {"color": MUTED, "linewidth": 1.3}
    handles = [lines[m] for m in ("forward difference", "central difference", "complex step")]
    handles += [
        axes[0].plot([], [], linestyle=(0, (5, 2)), **grey)[0],
        axes[0].plot([], [], ls=":", **grey)[0],
    ]
    names = ["forward difference", "central difference", "complex step", "truncation", "round-off"]
    drawing.suptitle(
        "Too large a step truncates, too small a step rounds; the complex step only has the first problem",
        **_LEFT,
    )
    drawing.legend(handles, names, loc="lower center", ncols=5, handlelength=2.2)
    drawing.tight_layout(rect=(0, 0.07, 1, 1))
    return Picture(
        drawing,
        "Error against step h from 1e-16 to 1, both axes logarithmic, for f at (2, 1) and for the "
        "logistic map at 0.2. Forward and central difference make a V each: the error falls with h along"
        " the dashed truncation line, then rises again along the dotted round-off line. The bottoms are "
        "near the square root and the cube root of the machine epsilon. The complex step falls like the "
        "central difference and stays at the bottom.",
    )


@figure("precision")
def precision() -> Picture:
    """Show the V in float32 beside float64."""
    case = cases.CASES["logistic"]
    drawing = new_figure(9.0, 4.0)
    axes = drawing.subplots(1, 2, sharey=True)
    kinds: tuple[type[np.floating[Any]], ...] = (np.float32, np.float64)
    for ax, dtype in zip(axes, kinds, strict=True):
        lines = plots.draw_v(ax, case, dtype=dtype)
        ax.set_title(
            f"{dtype.__name__}: 24 bits" if dtype is np.float32 else "float64: 53 bits", fontweight="normal"
        )
    axes[0].annotate(
        "$x + h$ rounds to $x$:\nthe quotient is 0",
        (1e-12, abs(case.first)),
        xytext=(2e-15, 1e-3),
        arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.8},
    )
    axes[1].set_ylabel("")
    drawing.suptitle("The fewer bits, the earlier the V turns, and the higher", **_LEFT)
    handles = [lines[m] for m in ("forward difference", "central difference")]
    drawing.legend(handles, ["forward difference", "central difference"], loc="lower center", ncols=2)
    drawing.tight_layout(rect=(0, 0.07, 1, 1))
    return Picture(
        drawing,
        "Error against step for the logistic map at 0.2, in float32 on the left and in float64 on the "
        "right. The truncation lines are the same. The round-off lines of float32 lie far higher, so the"
        " V turns at larger steps and at larger errors. Left of a step of 1e-8, x + h rounds to x and "
        "the quotient is 0.",
    )


@figure("microscope")
def microscope() -> Picture:
    """Show f over a few steps, for three sizes of the step."""
    case = cases.CASES["f"]
    drawing = new_figure(9.0, 3.2)
    axes = drawing.subplots(1, 3, sharey=True)
    words = ("f bends", "a straight line", "it has stairs")
    for ax, h, finding in zip(axes, (0.3, 1e-8, 3e-16), words, strict=True):
        lines = plots.draw_microscope(ax, case, h)
        ax.set_title(f"h = {plots.power_of_ten(h)}: {finding}" if h < 0.1 else f"h = {h}: {finding}")
        ax.set_xlabel("")
    for ax in axes[1:]:
        ax.set_ylabel("")
    drawing.legend(
        [lines["curve"], lines["secant"], lines["tangent"]],
        ["f, as computed", "forward difference", "true slope"],
        loc="lower center",
        ncols=3,
    )
    drawing.tight_layout(rect=(0, 0.08, 1, 1))
    return Picture(
        drawing,
        "The function f around x2 = 1, magnified so that four steps fill each picture. With h = 0.3 it "
        "bends away from its tangent. With h = 1e-8 it is a straight line with the true slope. With h = "
        "3e-16 it is a staircase, and the forward difference joins two of its treads with a wrong slope.",
    )
