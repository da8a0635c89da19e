"""How adlib's rooms hang together: what every module imports, read from its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ADLIB = Path(__file__).resolve().parents[2] / "adlib"

# Imports run from the right to the left.  "adlib" is the public face, adlib/__init__.py.
ORDER = (
    ("errors",),
    ("gates",),
    ("numerical",),
    ("engine",),
    ("formula", "linalg", "nn", "optim"),
    ("study",),
    ("adlib",),
    ("lesson",),
    ("viz",),
)
FLOOR = {room: k for k, rooms in enumerate(ORDER) for room in rooms}
# Within viz: nobody imports from a side but the side itself.  What both need stands in adlib.viz.drawings.
SIDES = ("adlib.viz.explorers", "adlib.viz.figures")


def sources() -> dict[str, str]:
    """Read every module of adlib, by its name."""
    found = {}
    for path in sorted(ADLIB.rglob("*.py")):
        parts = path.relative_to(ADLIB.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


def room(module: str) -> str:
    """Name the room of a module: ``"gates"`` for ``"adlib.gates.linear"``, ``"adlib"`` for the face."""
    return module.split(".")[1] if "." in module else "adlib"


def side(module: str) -> str | None:
    """Name the side of viz that a module stands on; None if it stands on neither."""
    return next((s for s in SIDES if f"{module}.".startswith(f"{s}.")), None)


def imported(module: str, text: str, modules: dict[str, str]) -> Iterator[str]:
    """List the modules of adlib that a module imports, at its top or later, in any spelling."""
    package = module if any(m.startswith(module + ".") for m in modules) else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names = [
                f"{source}.{alias.name}" if f"{source}.{alias.name}" in modules else source
                for alias in node.names
            ]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            names = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == "adlib":
                while name not in modules:  # adlib.gates.GATES is read from adlib.gates
                    name = name.rpartition(".")[0]
                yield name


def faults(modules: dict[str, str]) -> list[str]:
    """Name each import that runs upwards or into a side, each room without a floor, and a circle, if there is one."""
    found, graph = [], {}
    for module, text in modules.items():
        graph[module] = set(imported(module, text, modules)) - {module}
        if room(module) not in FLOOR:
            found.append(f"{module} is in no room that is known")
            continue
        for other in sorted(graph[module]):
            if FLOOR.get(room(other), -1) > FLOOR[room(module)] and module != "adlib":
                found.append(f"{module} imports {other}, which stands above it")
            if side(other) not in (None, side(module)):
                found.append(f"{module} imports {other}, from another side")
    # Python runs a package's __init__ before its modules, and that may import them: no circle of ours.
    inner = {m: {o for o in others if not m.startswith(o + ".")} for m, others in graph.items()}
    try:
        TopologicalSorter(inner).prepare()
    except CycleError as error:
        found.append("a circle: " + " → ".join(error.args[1]))
    return found
