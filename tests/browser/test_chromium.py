"""Which browser the browser tests take, and what is done where there is none."""

import functools
import stat

import pytest

from tests.browser import chromium


def executable(path, code=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho Chromium 1; exit {code}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without a browser; the folder that is its PATH."""
    monkeypatch.delenv("ADLIB_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "NAMES", [name for name in chromium.NAMES if "/" not in name])
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    own = functools.cache(lambda: str(tmp_path / "playwright" / "chrome"))
    monkeypatch.setattr(chromium, "of_playwright", own)
    monkeypatch.setattr(chromium, "driver_problem", lambda: "")
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 1000)
    chromium.starts.cache_clear()
    yield tmp_path
    chromium.starts.cache_clear()


@pytest.fixture
def ran(monkeypatch):
    """What would be run: a function of the command does it."""
    commands, effects = [], {}

    def run(*command):
        commands.append(" ".join(command).partition("-m playwright ")[2] or " ".join(command))
        return effects.get(commands[-1].split()[-1], lambda: False)()

    monkeypatch.setattr(chromium, "_run", run)
    return commands, effects


def test_the_systems_browser_is_taken_if_it_starts(bare):
    stub = executable(bare / "bin" / "chromium-browser", code=1)
    assert chromium.find() is None, stub
    real = executable(bare / "bin" / "google-chrome")
    assert chromium.find() == real


def test_the_one_that_is_named_is_taken_and_no_other(bare, monkeypatch):
    executable(bare / "bin" / "chromium")
    mine = executable(bare / "mine" / "a browser")
    monkeypatch.setenv("ADLIB_CHROMIUM", mine)
    assert chromium.find() == mine
    monkeypatch.setenv("ADLIB_CHROMIUM", str(bare / "nowhere"))
    with pytest.raises(RuntimeError, match="does not start"):
        chromium.find()


def test_playwrights_own_is_taken_and_is_asked_for_where_there_is_none(bare, ran):
    commands, effects = ran
    own = bare / "playwright" / "chrome"
    effects["chromium"] = lambda: bool(executable(own))
    assert chromium.find() is None
    assert chromium.bring() == str(own)
    assert commands == ["install chromium"]
    assert chromium.find() == str(own)


def test_only_root_asks_the_package_manager(bare, ran, monkeypatch, capsys):
    commands, effects = ran
    executable(bare / "bin" / "apt-get")
    assert chromium.bring() is None
    assert commands == ["install chromium"]
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    effects["-qq"] = lambda: True
    effects["fonts-dejavu-core"] = lambda: bool(executable(bare / "bin" / "chromium"))
    assert chromium.bring() == str(bare / "bin" / "chromium")
    assert [c.split()[0] for c in commands] == ["install", "install", "apt-get", "apt-get"]
    assert "as root" in capsys.readouterr().out


def test_libraries_that_a_downloaded_browser_lacks_are_brought(bare, ran, monkeypatch):
    commands, effects = ran
    own = bare / "playwright" / "chrome"
    executable(bare / "bin" / "apt-get")
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    effects["-qq"] = lambda: True
    effects["chromium"] = lambda: bool(
        executable(own, code=0 if "install-deps chromium" in commands else 127)
    )
    assert chromium.bring() == str(own)
    assert commands == ["install chromium", "install-deps chromium"]


def test_without_any_one_sentence_says_what_to_do(bare, ran, monkeypatch):
    with pytest.raises(SystemExit, match="install your system's package `chromium`"):
        chromium.main()
    executable(bare / "playwright" / "chrome", code=127)
    with pytest.raises(SystemExit, match="install-deps chromium"):
        chromium.main()
    with pytest.raises(RuntimeError, match="make browser"):
        chromium.chromium()


def test_playwright_itself_must_start(bare, ran, monkeypatch, capsys):
    commands, effects = ran
    executable(bare / "bin" / "apt-get")
    here = executable(bare / "bin" / "chromium")
    missing = ["libatomic.so.1: cannot open"]
    monkeypatch.setattr(chromium, "driver_problem", lambda: "".join(missing))
    with pytest.raises(
        SystemExit, match=r"does not start: libatomic.so.1: cannot open. .*package `libatomic1`"
    ):
        chromium.main()
    assert commands == []
    monkeypatch.setattr(chromium.os, "geteuid", lambda: 0)
    effects["-qq"] = lambda: True
    effects["libatomic1"] = lambda: missing.clear() or True
    assert chromium.main() == 0
    assert commands[-1].endswith("libatomic1")
    assert f"browser: {here}" in capsys.readouterr().out


@pytest.mark.browser
def test_playwright_tells_where_it_keeps_its_own_and_that_it_starts():
    assert "chromium" in chromium.of_playwright()
    assert chromium.driver_problem() == ""
