"""The front end's text: JavaScript and CSS from the files of this folder, joined for a notebook or for a page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from adlib.viz.style import CARD, GRID, INK, MUTED, ROLES, WARNING

__all__ = ["DARK", "module", "rules", "script"]

FOLDER = Path(__file__).parent
SCRIPTS = ("controls", "scene", "feed", "render")
SHEETS = ("live", "graph")
LIGHT = {"card": CARD, "ink": INK, "muted": MUTED, "pale": "#c3c8ce", "field": "#f6f7f8", "grid": GRID}
LIGHT |= {"warning": WARNING, "accent": ROLES["input"].colour}
DARK = {"card": "#16191d", "ink": "#e8eaed", "muted": "#a3abb5", "pale": "#4b525b", "field": "#24282d"}
DARK |= {"grid": "#343a42", "warning": "#ff9a8c", "accent": "#6cb8f0"}
"""The colours of a dark page; those of the roles are `DARK_ROLES`."""
DARK_ROLES = {
    "input": ("#6cb8f0", "#12304a"),
    "operation": ("#a9b1bb", "#2a2f36"),
    "output": ("#e993c6", "#43203a"),
    "primal": ("#e8eaed", "#24282d"),
    "tangent": ("#ffa365", "#472508"),
    "adjoint": ("#4fd1ae", "#0d3b30"),
    "trouble": ("#ff9a8c", "#4a1d18"),
}
"""Colour and tint of each role on a dark card."""
IS_DARK = (
    '[data-jp-theme-light="false"] .al',
    'html[data-theme="dark"] .al',
    'html[theme="dark"] .al',
    "body.vscode-dark .al",
)
UNTOLD = "html:not([data-theme], [theme]):not(:has([data-jp-theme-light], .vscode-light)) .al"


@cache
def _scripts() -> str:
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


@cache
def module() -> str:
    """Write the module that anywidget loads: one text without imports."""
    return f"{_scripts()}\nexport default {{ render }};\n"


@cache
def script() -> str:
    """Write a classic script for a page, from a server or from a file: it sets ``adlibLive``."""
    return f"globalThis.adlibLive = (() => {{\n{_scripts()}\nreturn {{ render, recorded }};\n}})();\n"


@cache
def rules() -> str:
    """Write the style sheet: both themes, which a notebook or a page chooses, else the system."""
    sheets = [(FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS]
    dark = f"color-scheme:dark;{_colours(DARK, DARK_ROLES)}"
    chosen = [
        f".al{{color-scheme:light;{light()}}}",
        f"{','.join(IS_DARK)}{{{dark}}}",
        f"@media (prefers-color-scheme:dark){{{UNTOLD}{{{dark}}}}}",
    ]
    # The picture that is saved beside the live one, and a dead view where there is no kernel.
    chosen.append(".jp-OutputArea:has(.al) .adlib-still{display:none}")
    return "\n".join([*chosen, _roles(), *sheets])


def still_rules() -> str:
    """Write the style sheet of a graph that is saved as an image: in the light theme, which brings its card along."""
    return f".al-graph{{{light()}}}{_roles()}{(FOLDER / 'graph.css').read_text(encoding='utf-8')}"


def light() -> str:
    """Write the colours of the light theme as properties."""
    return _colours(LIGHT, {name: (mark.colour, mark.tint) for name, mark in ROLES.items()})


def _colours(plain: dict[str, str], roles: dict[str, tuple[str, str]]) -> str:
    told = [f"--al-{name}:{colour}" for name, colour in plain.items()]
    told += [f"--al-c-{name}:{colour};--al-t-{name}:{tint}" for name, (colour, tint) in roles.items()]
    return ";".join(told)


def _roles() -> str:
    """Give what is of a role, and then what is lit in the colour of one, that colour and its tint."""
    told = [
        f".al-{kind}-{name}{{--c:var(--al-c-{name});--t:var(--al-t-{name})}}"
        for kind in ("kind", "as")
        for name in ROLES
    ]
    told += [f".al .adlib-{name}{{color:var(--al-c-{name})}}" for name in ROLES]
    return "".join(told)
