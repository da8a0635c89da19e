"""Modules of a user's, written to a folder of the test's and imported from there."""

import importlib
import sys


def imported(tmp_path, monkeypatch, name, text):
    """Write a module and import it, anew if another test had one of this name."""
    (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop(name, None)
    return importlib.import_module(name)
