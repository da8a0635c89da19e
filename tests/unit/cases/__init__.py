"""What the tests try: one case is a function of arrays, with arrays for it."""

from . import operators, reductions, samples, shapes

TABLES = [table.CASES for table in (reductions, shapes, operators, samples)]
CASES = {name: case for table in TABLES for name, case in table.items()}
assert len(CASES) == sum(map(len, TABLES)), "two cases have one name"
