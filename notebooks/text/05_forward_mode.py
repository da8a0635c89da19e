# ---
# jupyter:
#   jupytext:
#     formats: notebooks//ipynb,notebooks/text//py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Forward mode
#
# After this page you can carry a derivative through a program by hand, row by row, and say how many passes a
# gradient takes.
#
# *Prerequisites:* evaluation traces ([04](04_computational_graphs.ipynb)) and the chain rule. *Time:* 30 minutes.
#
# Previous: [04 Computational graphs](04_computational_graphs.ipynb) · Next: [06 Dual numbers](06_dual_numbers.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## A rate beside each value
#
# Here is the function of the series, and its trace from [notebook 04](04_computational_graphs.ipynb):
#
# $$f(x_1, x_2) = x_1\,\sqrt{\log\frac{x_1}{\sin(x_2^2)}}$$
#
# $$
# \begin{aligned}
# v_{-1} &= x_1 & \qquad v_3 &= v_{-1} / v_2 \\
# v_0 &= x_2 & v_4 &= \log v_3 \\
# v_1 &= v_0^2 & v_5 &= \sqrt{v_4} \\
# v_2 &= \sin v_1 & v_6 &= v_{-1} \cdot v_5, \quad y = v_6
# \end{aligned}
# $$
#
# Stand at $(2, 1)$ and let $x_2$ grow, at rate 1, while $x_1$ stands still. Now every row moves that depends on $x_2$. Write $\dot v_i$ for the
# rate at which $v_i$ moves, and call it the **tangent** of $v_i$.
#
# **Before you read on:** you know $\dot v_{-1} = 0$ and $\dot v_0 = 1$, because we chose them. What is $\dot v_1$? And once
# you have it, what do you need to know to find $\dot v_2$?
#
# For $\dot v_1$ you need the derivative of a square: $\dot v_1 = 2 v_0\,\dot v_0 = 2$. For $\dot v_2$ you need the
# derivative of a sine, and $\dot v_1$: $\dot v_2 = \cos(v_1)\,\dot v_1$. You do not need to know that $v_1$ was a square. So it
# goes on, from top to bottom:
#
# $$
# \begin{aligned}
# \dot v_{-1} &= 0 & \qquad \dot v_3 &= (\dot v_{-1} v_2 - v_{-1} \dot v_2) / v_2^2 \\
# \dot v_0 &= 1 & \dot v_4 &= \dot v_3 / v_3 \\
# \dot v_1 &= 2 v_0 \dot v_0 & \dot v_5 &= \tfrac12\, v_4^{-1/2}\, \dot v_4 \\
# \dot v_2 &= \cos(v_1)\, \dot v_1 & \dot v_6 &= \dot v_{-1} v_5 + v_{-1} \dot v_5, \quad \dot y = \dot v_6
# \end{aligned}
# $$
#
# The two rates we chose are called the **seed**. The rest follows. As a program, each row gets a second half:

# %%
import numpy as np


def f_and_rate(x1, x2, x1_dot, x2_dot):
    v1, v1_dot = x2**2, 2 * x2 * x2_dot
    v2, v2_dot = np.sin(v1), np.cos(v1) * v1_dot
    v3, v3_dot = x1 / v2, (x1_dot * v2 - x1 * v2_dot) / v2**2
    v4, v4_dot = np.log(v3), v3_dot / v3
    v5, v5_dot = np.sqrt(v4), 0.5 * v4**-0.5 * v4_dot
    v6, v6_dot = x1 * v5, x1_dot * v5 + x1 * v5_dot
    return v6, v6_dot


y, y_dot = f_and_rate(2.0, 1.0, x1_dot=0.0, x2_dot=1.0)
print(f"y = {y:.9f}   ẏ = {y_dot:.9f}")

# %% [markdown]
# What is that last number? It is the rate at which $y$ moves when $x_2$ moves at rate 1: it is $\partial f/\partial x_2$.
# Somebody has worked that out by hand:
#
# $$\frac{\partial f}{\partial x_2} = -\frac{x_1 x_2 \cot(x_2^2)}{\sqrt{\log(x_1 / \sin(x_2^2))}}$$

# %%
by_hand = -2.0 * 1.0 / np.tan(1.0**2) / np.sqrt(np.log(2.0 / np.sin(1.0**2)))
print(f"by hand: {by_hand:.9f}")
assert np.isclose(y_dot, by_hand, rtol=1e-14)

# %% [markdown]
# The same number, to the last digit shown. There was no step $h$ to choose, and no formula for the derivative of $f$
# to find. There were six small rules. This is **forward mode**.
#
# ## Let the numbers do it
#
# Nobody wants to write a second half for each row of each program. In notebook 04 the numbers took notes by
# themselves. **What would a number have to carry, and what would its `*` have to do, so that the tangents come by
# themselves, too?**
#
# It carries two things, a value and a rate. Each operation knows its own rule.


# %%
class Moving:
    """A number, and the rate at which it moves."""

    def __init__(self, value, rate): self.value, self.rate = value, rate

    def __mul__(self, other):
        return Moving(self.value * other.value, self.rate * other.value + self.value * other.rate)

    def __truediv__(self, other):
        rate = (self.rate * other.value - self.value * other.rate) / other.value**2
        return Moving(self.value / other.value, rate)

    def __pow__(self, n): return Moving(self.value**n, n * self.value ** (n - 1) * self.rate)
    def sin(self): return Moving(np.sin(self.value), np.cos(self.value) * self.rate)
    def log(self): return Moving(np.log(self.value), self.rate / self.value)
    def sqrt(self): return Moving(np.sqrt(self.value), 0.5 * self.value**-0.5 * self.rate)


# %% [markdown]
# That is a forward-mode engine for every function that is made of these six gates. $f$ itself stays as it is, in
# plain NumPy. It does not know what it is computing with.


# %%
def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


moving = f(Moving(2.0, 0.0), Moving(1.0, 1.0))
print(f"y = {moving.value:.9f}   ẏ = {moving.rate:.9f}")

# %% [markdown]
# `adlib` does the same for every gate in its table. Its numbers are called `Dual` (why, says notebook 06), and
# `adlib.jvp` starts and ends a pass. It takes the point and the seed.

# %%
import adlib

y, y_dot = adlib.jvp(f, (2.0, 1.0), (0.0, 1.0))
print(f"y = {y:.9f}   ẏ = {y_dot:.9f}")
assert np.allclose((y, y_dot), (moving.value, moving.rate), rtol=1e-14)

# %% [markdown]
# And `adlib.trace` shows every row of such a pass, the primal trace on the left, the tangent trace on the right:

# %%
t = adlib.trace(f, 2.0, 1.0)
t.tangent((0.0, 1.0))

# %% [markdown]
# Two rows look different from ours. The table writes $\frac{v_3}{v_2}$ where we wrote $v_{-1}/v_2^2$, and
# $\frac{1}{2 v_5}$ where we wrote $\frac12 v_4^{-1/2}$. It is the same: $v_3$ *is* $v_{-1}/v_2$, and $v_5$ *is*
# $\sqrt{v_4}$. The gate has its result at hand when the rule is applied, so why compute it again?
#
# ## Only local rules
#
# Look down the right half of the table. Which row knows the formula of $f$?
#
# None does. Each rule mentions its own operands, their tangents, at most its own result, and nothing else. In the graph this means: a
# tangent is a sum over the edges that arrive. Each edge brings the tangent at its start, times its local derivative.

# %%
g = t.graph()
tangent = {"v_-1": 0.0, "v_0": 1.0}
for node in list(g)[2:]:  # in the order in which they ran
    tangent[node] = sum(tangent[operand] * g.edges[operand, node]["partial"] for operand in g.predecessors(node))
    print(f"{node} has tangent {tangent[node]:.9f}")
assert all(np.isclose(step.tangent, tangent[step.row.name]) for step in t.tangent((0.0, 1.0)))

# %%
from adlib.viz import figures

figures.show("forward-trace")

# %% [markdown]
# *Values, tangents (▶) and local derivatives (on the edges) at $(2, 1)$ for the seed $(0, 1)$.*
#
# That is the chain rule, cut into its smallest pieces. Values and tangents go through the program together, so nothing
# has to be stored: once a row has been used for the last time, both of its numbers may be forgotten.
#
# ## One pass, one direction
#
# The seed $(0, 1)$ gave $\partial f/\partial x_2$. **Predict:** which seed gives $\partial f/\partial x_1$? And what
# comes out for the seed $(0.6, 0.8)$?

# %%
rate = {}
for seed in ((1.0, 0.0), (0.0, 1.0), (0.6, 0.8)):
    _, rate[seed] = adlib.jvp(f, (2.0, 1.0), seed)
    print(f"seed {seed}: ẏ = {rate[seed]:.9f}")

mixed = 0.6 * rate[1.0, 0.0] + 0.8 * rate[0.0, 1.0]
print(f"0.6 · {rate[1.0, 0.0]:.6f} + 0.8 · ({rate[0.0, 1.0]:.6f}) = {mixed:.9f}")
assert np.isclose(mixed, rate[0.6, 0.8])

# %% [markdown]
# Every rule in the table is linear in the tangents: twice the seed gives twice the rate, and a sum of seeds gives a
# sum of rates. So a pass with seed $(\dot x_1, \dot x_2)$ computes
#
# $$\dot y = \frac{\partial f}{\partial x_1}\,\dot x_1 + \frac{\partial f}{\partial x_2}\,\dot x_2,$$
#
# the **directional derivative** of $f$ along the seed. All partial derivatives of one output together are its **gradient**. For a function with $m$
# inputs and $n$ outputs, write them into a table $J$, the **Jacobian**, with a row for each output and a column for each input: $J_{ij} = \partial y_i/\partial x_j$. A **pass**,
# one run of the program from top to bottom, gives $\dot y_i = \sum_j J_{ij}\,\dot x_j$ for all outputs, in short $\dot y = J \dot x$, without ever having the whole
# table. Hence the name `jvp`, Jacobian-vector product.

# %%
figures.show("directions")

# %% [markdown]
# *24 passes at $(2, 1)$, one for each direction. The seed walks round a circle, so its two parts are $\cos\varphi$ and $\sin\varphi$, and $\dot y$ is a
# fixed mixture of the two. Any two passes that are not along one line determine all others.*
#
# ## How many passes is a gradient?
#
# **Predict:** a function has $m = 5$ inputs and one output. How many passes until you have all five derivatives?

# %%
from adlib.lesson import examples

runs = 0


def product(x):
    global runs
    runs += 1
    return examples.speelpenning(x)  # x₁ · x₂ · … · xₘ, named after B. Speelpenning


x = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
gradient = [adlib.jvp(product, (x,), (seed,))[1] for seed in np.eye(5)]
print(f"{runs} runs of the function: gradient {np.round(gradient, 6).tolist()}")
assert np.allclose(gradient, examples.speelpenning(x) / x)

# %% [markdown]
# One for each input. Each pass answers one question: *if I push there, what happens to the output?* The number of
# outputs does not matter. Here is a function with one input and three outputs. A single pass has all three:

# %%
position, velocity = adlib.jvp(lambda t: (np.cos(t), np.sin(t), t / 2), (1.0,), (1.0,))
print("position", np.round(position, 6).tolist())
print("velocity", np.round(velocity, 6).tolist())

# %% [markdown]
# So forward mode is the right tool for few inputs and many outputs, and for directional derivatives. And for many
# inputs? The small network that the article ends with has this many:

# %%
weights = 1000 * 100 + 100 + 100 * 10 + 10  # 1000 inputs → 100 neurons → 10 outputs, each neuron with a bias
print(f"{weights:,} inputs, so {weights:,} passes for one gradient")

# %% [markdown]
# That is out of the question, and it is why there is a notebook 07.
#
# **Where the article is loose.** It uses $n$ for the number of parameters at first, and for the number of outputs
# later. Then "forward mode costs $n$ passes" is true in one place and false in the other. Here there are $m$ inputs
# and $n$ outputs, throughout: forward mode takes $m$ passes. (Griewank and Walther, and the survey, have $n$ inputs and $m$ outputs.)
#
# ## Step through it
#
# Try this:
#
# 1. Drag **row** to the left end, then press → until the end. Before each press, say which edges will light up.
# 2. Set the seed to $(1, 0)$. Which tangents are 0, and why must they be?
# 3. Back to the last row. Double the seed. What happens to $\dot y$?
# 4. Drag $x_1$ down to $0.8$. Which gate fails first?
# 5. Type a function of your own, for example `x1 * exp(-x1 * x2)`. Then make a mistake in it.

# %%
from adlib.viz.explorers import ForwardStepper

ForwardStepper()

# %% [markdown]
# *The row, its node and its edges are lit together; the strip in the middle has its formulas with the numbers put in.*
#
# **What you should have seen.** A row lights up the edges from its operands, and only these. With the seed $(1, 0)$ the
# tangents of $v_0$, $v_1$ and $v_2$ are 0: $x_1$ does not reach them. Twice the seed is twice $\dot y$. At $x_1 = 0.8$ the
# quotient is below 1 and its logarithm below 0, so it is the root that has no value; from there on, no row has a
# value or a tangent.
#
# ## Does it depend on our example?
#
# The survey by Baydin and others follows another function through its tables, $y = \log x_1 + x_1 x_2 - \sin x_2$ at $(2, 5)$.
# Its $\partial y/\partial x_1 = 1/x_1 + x_2$ is easy to check in your head.

# %%
survey = adlib.trace(examples.survey, 2.0, 5.0)
assert np.isclose(survey.value, 11.652071455223084, rtol=1e-14)
assert survey.tangent((1.0, 0.0))[-1].tangent == 5.5
survey.tangent((1.0, 0.0))

# %% [markdown]
# ## Exercises
#
# **1. Find the bug.** Here are the tangent rules as the article prints them. They arrive at a wrong number. In which
# row is the mistake?


# %%
def as_printed(x1, x2, x1_dot, x2_dot):
    v1, v1_dot = x2**2, 2 * x2 * x2_dot
    v2, v2_dot = np.sin(v1), np.cos(v1) * v1_dot
    v3, v3_dot = x1 / v2, (x1_dot * v2 - x1 * v2_dot) / v2**2
    v4, v4_dot = np.log(v3), v3_dot / v3
    v5, v5_dot = np.sqrt(v4), -0.5 * v4**-0.5 * v4_dot
    v6, v6_dot = x1 * v5, x1_dot * v5 + x1 * v5_dot
    return v6, v6_dot


print(f"as printed: ẏ = {as_printed(2.0, 1.0, 0.0, 1.0)[1]:+.9f}")
print(f"by hand:    ẏ = {by_hand:+.9f}")

# %% tags=["exercise"]
from adlib.lesson import exercises

exercises.ask("05-1")

# %% [markdown]
# <details><summary>Hint</summary>
#
# A tangent is a rate. So move $x_2$ by a little, run the primal rows again, and see at what rate each value really
# changes. The first row whose tangent disagrees has the mistake.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
up, down = adlib.trace(f, 2.0, 1.0 + 1e-5), adlib.trace(f, 2.0, 1.0 - 1e-5)
measured = (up["v_5"].value - down["v_5"].value) / 2e-5
v4, v4_dot = t["v_4"].value, t.tangent((0.0, 1.0))[5].tangent
assert np.isclose(measured, 0.5 * v4**-0.5 * v4_dot, rtol=1e-8)
lines = (
    f"v₅ moves at the rate {measured:+.6f}, measured",
    f"+½ v₄^(−½) v̇₄ = {+0.5 * v4**-0.5 * v4_dot:+.6f}",
    f"−½ v₄^(−½) v̇₄ = {-0.5 * v4**-0.5 * v4_dot:+.6f}",
)
exercises.solution("05-1", "v5", *lines)

# %% [markdown]
# **2.** A function has 3 inputs and 5 outputs. How many passes of forward mode give its whole Jacobian?

# %% tags=["exercise"]
answer = ...
exercises.check("05-2", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# One pass gives $J \dot x$. What is that if $\dot x$ has a single 1?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("05-2", 3)

# %% [markdown]
# **3.** At $(2, 1)$ there is a direction in which $f$ neither rises nor falls, to first order. Its seed is
# $(1, \dot x_2)$. Find $\dot x_2$ to three decimals. (`adlib.jvp` tells you whether you are near.)

# %% tags=["exercise"]
answer = ...
exercises.check("05-3", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# $\dot y$ is linear in the seed, and you have seen it for $(1, 0)$ and $(0, 1)$.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("05-3", -rate[1.0, 0.0] / rate[0.0, 1.0])

# %% [markdown]
# **4.** Write the tangent trace of the survey's function, $v_1 = \log v_{-1}$, $v_2 = v_{-1} v_0$, $v_3 = v_1 + v_2$,
# $v_4 = \sin v_0$, $v_5 = v_3 - v_4$ (as Python runs it). Return $\dot y$ for any point and any seed, with local rules only.


# %% tags=["exercise"]
def survey_rate(x1, x2, x1_dot, x2_dot): ...


exercises.check("05-4", survey_rate)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Five rows, five tangents. Only $v_2$ has two terms that are not simply added or subtracted tangents.
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def survey_rate_solution(x1, x2, x1_dot, x2_dot):
    v1_dot = x1_dot / x1
    v2_dot = x1_dot * x2 + x1 * x2_dot
    v3_dot = v1_dot + v2_dot
    v4_dot = np.cos(x2) * x2_dot
    return v3_dot - v4_dot


exercises.solution("05-4", survey_rate_solution)

# %% [markdown]
# ## Take away
#
# 1. Forward mode carries a tangent beside each value, from top to bottom, by local rules alone. It drops
#    nothing. What is left is rounding, about as much as in a formula for the derivative; where that cancels, digits are lost here, too.
# 2. One pass gives the derivative of all outputs in one direction, the seed. It is linear in the seed.
# 3. A gradient by $m$ inputs takes $m$ passes.
#
# **Left out on purpose:** why a value with its tangent is a number in its own right, and how to get the same by
# rewriting the program's source (notebook 06); carrying several tangents in one pass; Jacobians with many zeros, which
# need fewer passes; derivatives of derivatives (notebook 14).
#
# **Where it comes from:**
# R. E. Wengert, [A simple automatic derivative evaluation program](https://doi.org/10.1145/355586.364791),
# Communications of the ACM 7, 1964 (the classic, in two pages).
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008,
# section 3.1.
# A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind,
# [Automatic differentiation in machine learning: a survey](https://jmlr.org/papers/v18/17-468.html), JMLR 18(153), 2018
# (our last table is its table 2, with two rows in the order in which Python runs them).
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Next: [06 Dual numbers](06_dual_numbers.ipynb) · Previous: [04 Computational graphs](04_computational_graphs.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
