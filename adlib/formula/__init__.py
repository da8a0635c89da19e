"""Formulas: the same gates, applied to names instead of numbers.

- `adlib.formula.expr`: expressions, and their derivatives by rules.
- `adlib.formula.simplify`: rewriting them, and the rules for it.
- `adlib.formula.source`: programs rewritten, so that they carry tangents.
- `adlib.formula.digits`: numbers in formulas, as few digits as keep them true.
"""
