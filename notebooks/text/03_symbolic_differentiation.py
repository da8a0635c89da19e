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
# # Symbolic differentiation
#
# After this page you can differentiate a formula by rewriting it, as a program does, and say when its size becomes the problem.
#
# *Prerequisites:* the rules of differentiation from school. *Time:* 30 minutes.
#
# Previous: [02 Numerical differentiation](02_numerical_differentiation.ipynb) · Next: [04 Computational graphs](04_computational_graphs.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## A formula is data
#
# You learned to differentiate formulas by hand: a sum rule, a product rule, a chain rule, a table of functions. None of
# that needs insight. **What would a program need in order to do it?**
#
# It needs the formula as *data*, something that it can take apart. Write a formula as a tuple: the operation first, then
# what it is applied to.

# %%
formula = ("mul", "x", ("sin", ("mul", "x", "x")))  # x · sin(x·x)


def diff(e):
    """The derivative by x of a tree: every case is a rule that you know."""
    if e == "x":
        return 1
    if isinstance(e, (int, float)):
        return 0
    op, *args = e
    if op == "add":
        return ("add", diff(args[0]), diff(args[1]))
    if op == "mul":
        u, v = args
        return ("add", ("mul", diff(u), v), ("mul", u, diff(v)))
    if op == "sin":
        return ("mul", ("cos", args[0]), diff(args[0]))


print(diff(formula))

# %% [markdown]
# A dozen lines, and it is right: $1 \cdot \sin(x^2) + x \cos(x^2)\,(1 \cdot x + x \cdot 1)$. A tree goes in, a tree comes out. This is
# **symbolic differentiation**.
#
# Nobody wants to write tuples. But nobody has to. Give the *unchanged* function something that is not a number, and let it
# write down what happens to it:

# %%
import numpy as np

import adlib


def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


x1, x2 = adlib.symbols("x1 x2")
print(f(x1, x2))

# %% [markdown]
# ## One rule at a time
#
# Here is $\partial f/\partial x_2$, as you would do it on paper. `D(…)` is what is still to be differentiated; the rule stands above what it made.
# **Cover what is below a formula. Which operation stands outermost in its `D(…)`, and which rule comes next?**

# %%
import textwrap

from adlib.formula.derivation import derivation

for k, step in enumerate(derivation(f(x1, x2), x2)):
    print(f"{k}: {step.rule}")
    print(textwrap.fill(str(step.result), 96, initial_indent=4 * " ", subsequent_indent=8 * " "))

# %% [markdown]
# Seven rules, and nothing is left to do. Each rule looked at one operation only. The last line is correct, and ugly. Calculus books
# simplify, so let us:

# %%
derivative = f(x1, x2).diff(x2)
print(derivative.simplify())
derivative.simplify()

# %% [markdown]
# That is the derivative that somebody worked out by hand (since $\cot = \cos/\sin$):
#
# $$\frac{\partial f}{\partial x_2} = -\frac{x_1 x_2 \cot(x_2^2)}{\sqrt{\log(x_1 / \sin(x_2^2))}}$$

# %%
by_hand = -2.0 * 1.0 / np.tan(1.0**2) / np.sqrt(np.log(2.0 / np.sin(1.0**2)))
for name, e in (("as it came", derivative), ("simplified", derivative.simplify())):
    print(f"{name}: {e.evaluate({x1: 2.0, x2: 1.0}):.9f}")
    assert np.isclose(e.evaluate({x1: 2.0, x2: 1.0}), by_hand, rtol=1e-14)
print(f"by hand:    {by_hand:.9f}")

# %% [markdown]
# Where did the rules come from? From `adlib`'s one table of gates. The row of `sin` says `cos(x)`. Applied to a number it gives a
# number, applied to a symbol it gives a formula. Forward mode, in notebook 05, will use the same rows.
#
# ## Formulas swell
#
# The *logistic map* is a famous small program: $l_1 = x$ and $l_{n+1} = 4\, l_n (1 - l_n)$. **Guess:** $l_4$ fits on one line. How many parts (operations,
# symbols, numbers) has its derivative?

# %%
x = adlib.symbols("x")


def logistic(x, n):
    for _ in range(n - 1):
        x = 4 * x * (1 - x)
    return x


print("n   l: parts   l': parts   simplified")
for n in range(2, 7):
    iterate = logistic(x, n)
    slope = iterate.diff(x)
    print(f"{n}   {iterate.tree_size:8}   {slope.tree_size:9}   {slope.simplify().tree_size:10}")

# %%
for n in range(1, 5):
    slope = logistic(x, n).diff(x) if n > 1 else 1
    print(f"l{n}' =", slope.simplify() if n > 1 else slope)
assert np.isclose(slope.evaluate({x: 0.2}), 9.0660864, rtol=1e-13)

# %% [markdown]
# This is **expression swell**. It is the survey's table 1. Each $l_{n+1}$ mentions $l_n$ twice, so the formula doubles; the product rule mentions
# everything once more. A simplifier helps, as here, where everything is a polynomial. But the polynomial has $2^{n-1}$ terms, and swells as well.
#
# ## What was wrong with the tree?
#
# Look at $4\,l_3\,(1 - l_3)$. A program computes $l_3$ *once* and uses it twice. The tree has two copies. **What if both uses pointed
# at the same copy?** Then the formula is no tree any more. It is a graph without cycles, a **DAG**:

# %%
print("n    tree    DAG")
for n in (2, 4, 8, 12):
    slope = logistic(x, n).diff(x)
    print(f"{n:2} {slope.tree_size:7,} {slope.dag_size:6}")

# %% [markdown]
# The *same* formula, with equal parts written once, grows by 8 parts with each $n$. Nothing was simplified.

# %%
from adlib.viz import figures

figures.show("expression-swell")

# %% [markdown]
# *Parts of a derivative. Left: the logistic map, dotted the fitted growth. Right: a product of n different factors, dotted the formula
# that gives all eleven sizes exactly.*
#
# As a DAG the derivative can be turned back into a program, each shared part a line:

# %%
print(logistic(x, 3).diff(x).compile(x).source)

# %% [markdown]
# Read it as a program. Values come first, then derivatives are put together from them, line by line. Nobody would call that a
# formula. It is what automatic differentiation does *without ever making the formula*, and it is the rest of this series.
#
# ## What a formula cannot see
#
# A formula needs the whole computation before the first number is known. **What does it make of an `if`?**


# %%
def branching(x):
    if x > 1:
        return np.log(x)
    return x - 1


def heron(x):
    root = x
    while abs(root * root - x) > 1e-9:
        root = (root + x / root) / 2
    return root


for program in (branching, heron):
    try:
        program(x)
    except TypeError as error:
        print(f"{program.__name__}: {error}")

# %% [markdown]
# It cannot choose, as there is no number to compare. A `for` loop of known length is unrolled, as above. A `while` that waits for
# convergence cannot be: nothing tells it when to stop. `np.where` can be written down, because it has *both* branches:

# %%
e = np.where(x > 1, np.log(x), x - 1)
print(e.diff(x))

# %% [markdown]
# ## Let it grow
#
# 1. Press → on **rules applied** until the end. Name each rule before it comes.
# 2. Drag **n** to its right end. How many parts has the tree, how many the DAG?
# 3. Choose *a product of n factors*, then *n sines, one in another*. Which of them swells, and why?

# %%
from adlib.viz.explorers import SwellExplorer

SwellExplorer()

# %% [markdown]
# *Above: the derivative of f after so many rules. Below: parts of the derivative of the chosen family.*
#
# **What you should have seen.** Every rule but the last replaces one bracket by a product with a smaller bracket. The logistic map's derivative has 134,144 parts
# as a tree at $n = 12$, and 89 as a DAG. Nested sines do not swell exponentially: each mentions the one before only once. *Swell comes from using a result twice.*

# %%
slope = logistic(x, 12).diff(x)
print(f"n = 12: {slope.tree_size:,} parts as a tree, {slope.dag_size} as a DAG")

# %% [markdown]
# ## Where the article is loose
#
# **It says that symbolic differentiation "doesn't save us from approximation errors".** The formula is exact. Only *evaluating* it in floating point
# rounds, and there automatic differentiation rounds, too. With fractions instead of floats, nothing rounds at all:

# %%
from fractions import Fraction

print("l3' at 1/5:", logistic(x, 3).diff(x).compile(x)(Fraction(1, 5)))

# %% [markdown]
# **Its author cancelled "a lot of terms" by hand, "but an algebraic system cannot identify such patterns by itself".** That is what `simplify` did on this page, with rules
# that cost somebody some work. Compare with the author's formula, first as $\cos/\sin$, then as $1/\tan$:

# %%
for name, cot in (("cos/sin", np.cos(x2**2) / np.sin(x2**2)), ("1/tan", 1 / np.tan(x2**2))):
    author = -x1 * x2 * cot / np.sqrt(np.log(x1 / np.sin(x2**2)))
    print(f"{name:8} derivative ÷ author's formula:", (derivative / author).simplify())
print(f"{derivative.tree_size} parts as it came, {derivative.simplify().tree_size} simplified")

# %% [markdown]
# The first quotient is 1: it found all that the author found. In the second it misses that $\cos u\,\tan u = \sin u$, for which it has no rule. No system has all.
#
# **It says that the derivative "can get exponentially large".** It can, for *nested* formulas, as *trees*. It is quadratic for a product of $n$ factors, and linear for both as
# DAGs: that is the figure above. Even what was written twice need not stay there twice. To find equal parts (*common sub-expression elimination*) takes one walk over the formula:

# %%
y = np.sin(x) ** 2 + np.sin(x)  # np.sin(x) was written twice
print("objects:", len(adlib.formula.writing.nodes(y)), "before,", len(adlib.formula.writing.nodes(y.share())), "after sharing")

# %% [markdown]
# **It holds against symbolic differentiation that somebody must "hand code the pre-set rules", and that it must "build the complete computational graph".** Both are true, and
# both are true of automatic differentiation, too. It needs the same table, and here it *is* the same. This is the row of `sin`, at a number and at a symbol:

# %%
from adlib import gates

print(f"at 0.5: {gates.sin.partial(0, (0.5,), np.sin(0.5)):.6f}    at x: {gates.sin.partial(0, (x,), np.sin(x))}")

# %% [markdown]
# And reverse mode (notebook 07) builds the graph of everything that ran. What it does not need is a graph of what did *not* run: the other branch, or the loop before one knows
# how long it is.
#
# **It speaks of the "chain rule for products". That is right, and worth a thought.** Schools teach the product rule as a rule of its own. But a product is a gate
# with two operands. The chain rule has one term for each operand that moves, and here both do:

# %%
u, v = adlib.symbols("u v")
print("∂(uv)/∂u =", (u * v).diff(u), "   ∂(uv)/∂v =", (u * v).diff(v))
print("both move:", (np.sin(x) * np.exp(x)).diff(x))

# %% [markdown]
# ## What a simplifier may do
#
# A simplifier must not change a value. But it may give a value where there was none. `adlib`'s rules, with what each enlarges:

# %%
from adlib.formula.simplify import RULES

for rule in RULES:
    print(f"{rule.before:30} → {rule.after:16} {'also at: ' + rule.enlarges if rule.enlarges else ''}".rstrip())

# %% [markdown]
# And *shorter* is not *better*. Multiplied out, the derivative of $l_5$ is a sum of huge terms of both signs, which nearly
# cancel. Here are both at $x = 0.95$, and the exact value, by fractions:

# %%
slope = logistic(x, 5).diff(x)
expanded, exact = slope.simplify(), float(slope.compile(x)(Fraction(0.95)))
for name, e in (("as it came", slope), ("multiplied out", expanded)):
    digits = -np.log10(abs(e.evaluate({x: 0.95}) / exact - 1) + 1e-17)
    print(f"{name:15}{e.tree_size:4} parts, {digits:.0f} right digits")

# %% [markdown]
# ## Exercises

# %% [markdown]
# **1.** How many parts has the tree of $l_5$ itself, not of its derivative? ($l_1 = x$ has 1 part; $4\,l\,(1-l)$ adds 5 parts to two copies of $l$.)

# %% tags=["exercise"]
from adlib.lesson import exercises

answer = ...
exercises.check("03-1", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# With $s_n$ parts in $l_n$, the next has $2 s_n + 5$.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("03-1", logistic(x, 5).tree_size)

# %% [markdown]
# **2.** Teach `diff` one more rule. Return the derivative of `("exp", u)` as a tree, given the tree `u` and its derivative `du`.


# %% tags=["exercise"]
def diff_exp(u, du): ...


exercises.check("03-2", diff_exp)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The case of `sin` is the model: the derivative of the outside, at the inside, times the derivative of the inside.
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def diff_exp_solution(u, du):
    return ("mul", ("exp", u), du)


exercises.solution("03-2", diff_exp_solution)

# %% [markdown]
# **3.** Which of these functions of $x$, each with $n$ steps, has a derivative whose *tree* grows exponentially?

# %% tags=["exercise"]
exercises.ask("03-3")

# %% [markdown]
# <details><summary>Hint</summary>
#
# In which of them does a step mention the step before twice?
#
# </details>

# %% [markdown]
# ## Take away
#
# 1. Differentiating a formula is rewriting, one rule at a time. The result is exact; only its evaluation rounds.
# 2. Written as a tree it may swell exponentially, because results are used more than once. Shared, as a DAG, it does not.
# 3. A formula must exist as a whole, with all branches and loops laid out, before anything can be differentiated.
#
# **Left out on purpose:** factoring polynomials, deciding whether two formulas are equal (in general nobody can), integration.
#
# **Where it comes from:**
# A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind,
# [Automatic differentiation in machine learning: a survey](https://jmlr.org/papers/v18/17-468.html), JMLR 18(153), 2018, section 2.2 and table 1.
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008, chapter 1.
# S. Laue, [On the equivalence of automatic and symbolic differentiation](https://arxiv.org/abs/1904.02990), 2019 (why the DAG is the whole difference).
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Next: [04 Computational graphs](04_computational_graphs.ipynb) · Previous: [02 Numerical differentiation](02_numerical_differentiation.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
