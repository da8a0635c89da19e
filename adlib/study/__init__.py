"""Looking at a program that ran.

- `adlib.study.trace`: the evaluation trace, row by row, with tangents and adjoints.  `adlib.study.rows` is what it
  is made of, `adlib.study.words` writes it, `adlib.study.columns` shows it, in the colours of `adlib.study.palette`.
- `adlib.study.graph`: its graph: orders, levels, paths, and where to draw the nodes.
- `adlib.study.diagnosis`: why a derivative is nan, infinite, or a convention; `adlib.study.zeros`: why it is zero;
  `adlib.study.findings`: what is said, and in which words.
- `adlib.study.cost`: operations counted, tapes measured, checkpoints.
- `adlib.study.sparse`: Jacobians with many zeros, in few passes.
"""
