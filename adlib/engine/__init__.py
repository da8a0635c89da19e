"""What runs a program and differentiates it.

- `adlib.engine.boxes`: tracked values, and how Python's operators and NumPy's functions find their gates.
- `adlib.engine.operators`: Python's operators; `adlib.engine.levels`: nested derivatives;
  `adlib.engine.refusals`: what a tracked value does not do.
- `adlib.engine.forward`: forward mode; `jvp`.
- `adlib.engine.tape`: the record of a run, `Variable`, and the walk back.  `adlib.engine.reverse`: reverse mode; `vjp`.
- `adlib.engine.linearize`: both from one run; `linearize`.
- `adlib.engine.derivatives`: `grad`, `jacobian`, `hessian`, `hvp`, made of these two.
- `adlib.engine.custom`: gates with a rule of the reader's own.
- `adlib.engine.check`: `check_grads`, against difference quotients.
- `adlib.engine.calls`: what every derivative insists on, and runs; `adlib.engine.tree`: nested arguments.
"""
