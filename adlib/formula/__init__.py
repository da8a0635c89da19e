"""Formulas: the same gates, applied to names instead of numbers.

- `adlib.formula.expr`: expressions; `adlib.formula.writing`: in plain text, in LaTeX, in Python.
- `adlib.formula.derivation`: a derivative by rules, one rule at a time.
- `adlib.formula.simplify`: rewriting them, and the rules for it.
- `adlib.formula.source`: programs rewritten, so that they carry tangents, or adjoints back (`adlib.formula.adjoint`).
  `adlib.formula.reading`: how they are read; `adlib.formula.steps`: what is made of them, before it is written.
- `adlib.formula.digits`: numbers in formulas, as few digits as keep them true.
"""
