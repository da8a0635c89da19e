"""What the notebooks work on.

- `adlib.lesson.examples`: the functions that the series differentiates.
- `adlib.lesson.exercises`: exercises, and verdicts on answers.
- `adlib.lesson.pitfalls`: programs whose exact derivative is not the one wanted.
- `adlib.lesson.data`: handwritten digits, and what other libraries answered.
"""
