"""What the notebooks work on.

- `adlib.lesson.examples`: the functions that the series differentiates.
- `adlib.lesson.exercises`: exercises, and verdicts on answers.
- `adlib.lesson.engine`: the reader's own engine, filled in; `adlib.lesson.judge` says what is wrong with another.
- `adlib.lesson.puzzles`: twelve pullbacks of arrays, to be written by the reader.
- `adlib.lesson.methods`: Gauss-Newton, Taylor series, derivatives of a mean.
- `adlib.lesson.pitfalls`: programs whose exact derivative is not the one wanted.
- `adlib.lesson.data`: handwritten digits, and what other libraries answered.
"""
