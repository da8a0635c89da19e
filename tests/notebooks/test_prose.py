r"""What is written between the cells: formulas that MathJax reads as meant, numbers that a cell printed."""

import re

import nbformat
import pytest

from tests.tools.notebooks import NOTEBOOKS, TEXTS, unexecuted

NAMES = sorted(path.stem for path in TEXTS.glob("*.py"))
PAGES = sorted(path.name for path in NOTEBOOKS.glob("*.md"))

# Numbers that no cell prints, and why they may stand there.
UNPRINTED = {
    "00_start_here": {"1e-8": "a row of the picture above it", "1e-16": "the last row of the picture"},
    "01_why_derivatives": {"1.25": "√(π/2), which stands before it"},
    "07_reverse_mode": {"0.75": "where the reader was told to drag a slider"},
    "11_cost": {"8000": "bytes of 1000 numbers of 8 bytes"},
    "12_toy_neural_network": {
        "101,109": "one less than the 101,110 printed",
        "1e8": "a bound, from two printed losses",
        "600": "the explorer's number of steps",
    },
    "14_higher_order": {"1e12": "a million squared"},
}


def markdown(name):
    return [cell.source for cell in unexecuted(name).cells if cell.cell_type == "markdown"]


# --- Formulas -------------------------------------------------------------------------------------


def doubled_backslashes(text):
    r"""In formulas, what stands at a \\ before a letter.  (A row ends in \\ and white space.)"""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    formulas = re.findall(r"\$\$(.+?)\$\$|(?<!\$)\$([^$\n]+)\$", text, re.DOTALL)
    return [found for pair in formulas for found in re.findall(r"(?<!\\)\\\\[A-Za-z]+", "".join(pair))]


def test_doubled_backslashes_are_found():
    assert doubled_backslashes(r"($\\log$ is natural), $\log x$, $$\\sin x$$") == [r"\\log", r"\\sin"]
    assert doubled_backslashes("$$\\begin{pmatrix} a \\\\ b \\\\\nc \\end{pmatrix}$$ and `$\\\\log$`") == []


@pytest.mark.parametrize("name", [*NAMES, *PAGES])
def test_a_formula_has_no_doubled_backslash(name):
    texts = [(NOTEBOOKS / name).read_text(encoding="utf-8")] if name in PAGES else markdown(name)
    assert [found for text in texts for found in doubled_backslashes(text)] == []


# --- Numbers --------------------------------------------------------------------------------------

NUMBER = re.compile(r"(?<![\w.,^/])(?:\d{1,3}(?:,\d{3})+|\d+\.\d+(?:e-?\d+)?|\d+e-?\d+|\d{3,})(?!\w|[.,]\d)")
YEAR = re.compile(r"(?:1[6-9]|20)\d\d")
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def plain(text):
    """Write 2 · 10⁻⁶ and $2 \\cdot 10^{-6}$ and 2.0e-06 in the same way."""
    text = re.sub(r"10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda power: "1e" + power[1].translate(SUPERSCRIPTS), text)
    text = re.sub(r"(?<!\d)10\^(?:\{(-?\d+)\}|(\d))", lambda power: "1e" + (power[1] or power[2]), text)
    text = re.sub(r"(\d) ?(?:·|\\cdot|\\times) ?1e", r"\1e", text.replace("−", "-"))
    return re.sub(r"(?<=\d)e\+?(-?)0*(?=\d)", r"e\1", text)


def told(name):
    """The numbers that the prose tells: decimals, powers of ten, and whole ones of three digits or more.

    Not those of exercises, of what the reader is told to try (numbered lists), of links, tables, and the sources.
    """
    found = []
    for text in markdown(name):
        if re.match(r"\*\*\d\.", text) or "<details>" in text:
            continue
        prose, *_ = text.split("**Where it comes from")
        prose = re.sub(r"\]\([^)]*\)|`[^`\n]*`|^# \|.*$|^\|.*$", "", prose, flags=re.MULTILINE)
        prose = re.sub(r"^\d+\. .*(?:\n   ?\S.*)*", "", prose, flags=re.MULTILINE)
        found += [n for n in NUMBER.findall(plain(prose)) if not YEAR.fullmatch(n)]
    return found


def shown(name):
    """The numbers in the code and in what it printed.  A picture's description does not count: few read it."""
    texts = []
    for cell in nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            texts.append(
                output.get("text", "") + ("" if "image/png" in data else str(data.get("text/plain", "")))
            )
        texts.append(cell.source if cell.cell_type == "code" else "")
    return {value(n) for n in re.findall(r"\d(?:[\d,]*\d)?(?:\.\d+)?(?:e-?\d+)?", plain("\n".join(texts)))}


def value(number):
    return float(number.replace(",", ""))


def among(number, those):
    """Is it one of those, or one of those rounded to the digits that it has?"""
    digits = len(re.sub(r"e.*|[.,]", "", number).strip("0")) or 1
    return any(float(f"{other:.{digits - 1}e}") == value(number) for other in those)


def test_numbers_are_found_and_compared():
    assert NUMBER.findall(
        plain(r"about $10^{-8}$, 2 · 10⁻⁶ of 134,144; $\tfrac12$ and 13 and v_12, 0.25.")
    ) == [
        *("1e-8", "2e-6", "134,144", "0.25"),
    ]
    assert among("1400", {1411.8})
    assert among("2e-6", {2.04e-6})
    assert not among("0.25", {0.2, 0.3})


@pytest.mark.parametrize("name", NAMES)
def test_a_number_in_the_prose_was_printed(name):
    those = shown(name)
    missing = [n for n in told(name) if n not in UNPRINTED.get(name, {}) and not among(n, those)]
    assert missing == [], f"{name} tells {missing}, and no cell prints it: print it, or leave it out"
