"""Choose versions anew: ``python -m tests.tools.locks`` writes tests/locks/newest.txt and oldest.txt.

Both locks hold exact versions and hashes, for every system and every Python we support, and no address.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LOCKS = REPOSITORY / "tests" / "locks"
# What a reader's machine may have at the least; everything else in the oldest lock is as new as fits.
FLOORS = ("numpy==2.1.*", "matplotlib==3.8.4", "networkx==3.2.1", "ipywidgets==8.1.*")


def compile_lock(python: str, target: Path, *extra: str) -> None:
    """Have uv resolve pyproject.toml."""
    command = [
        *(python, "-m", "uv", "pip", "compile", "pyproject.toml", "--extra", "test", "--group", "build"),
        *("--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"),
        *("--no-annotate", "--quiet", "--output-file", str(target), "--upgrade", *extra),
    ]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    text = target.read_text(encoding="utf-8")
    if "://" in text:
        raise SystemExit(f"{target.name}: an address got into the lock")


def main() -> int:
    """Write both locks."""
    tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = str(Path(folder) / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        compile_lock(python, LOCKS / "newest.txt")
        floors = Path(folder) / "floors.txt"
        floors.write_text("\n".join(FLOORS), encoding="utf-8")
        compile_lock(python, LOCKS / "oldest.txt", "--constraint", str(floors))
    return 0


if __name__ == "__main__":
    sys.exit(main())
