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
# # Computational graphs
#
# After this page you can turn a run of a program into the graph of what it did, and say what that graph knows and
# what it does not.
#
# *Prerequisites:* the chain rule, and Python classes. *Time:* 30 minutes.
#
# Previous: [03 Symbolic differentiation](03_symbolic_differentiation.ipynb) · Next: [05 Forward mode](05_forward_mode.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## One gate at a time
#
# Here is the function of the series again.
#
# $$f(x_1, x_2) = x_1\,\sqrt{\log\frac{x_1}{\sin(x_2^2)}}$$
#
# No computer evaluates that in one go. It can only do elementary things: multiply two numbers, take a sine, take
# a logarithm. Call each of these a **gate**: a few numbers go in, one number comes out.
#
# **Before you read on, count.** How many gates does one evaluation of $f$ take? Which number is used by more than
# one of them?
#
# Give every number on the way a name. The gates are numbered $v_1, v_2, \dots$, and
# the inputs end at 0: $v_{-1}$ and $v_0$.
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
# Six gates. Only $v_{-1}$ is used twice: by $v_3$ and by $v_6$. Such a list is called an **evaluation trace**.
#
# ## Let the program write its own trace
#
# We wrote this list by hand. Could the program write it, while it runs? It can, if we do not hand it plain numbers
# but numbers that take notes.

# %%
import numpy as np

notes = []


class Noted:
    """A number that writes down how it was made."""

    def __init__(self, value, gate, *operands):
        self.value, self.gate, self.operands = value, gate, operands
        notes.append(self)

    def __mul__(self, other): return Noted(self.value * other.value, "×", self, other)
    def __truediv__(self, other): return Noted(self.value / other.value, "÷", self, other)
    def __pow__(self, n): return Noted(self.value**n, f"^{n}", self)
    def sin(self): return Noted(np.sin(self.value), "sin", self)
    def log(self): return Noted(np.log(self.value), "log", self)
    def sqrt(self): return Noted(np.sqrt(self.value), "√", self)


# %% [markdown]
# That is all. When Python meets `a * b` it calls `a.__mul__(b)`. So each gate does two things: it computes, and it makes a note
# of what it took. When `np.sin` meets an
# object that it does not know, it calls the object's method `sin`. So $f$ may stay exactly as it is, in plain NumPy.


# %%
def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


y = f(Noted(2.0, "input"), Noted(1.0, "input"))
name = {note: f"v_{k}" for k, note in enumerate(notes, start=-1)}
for note in notes:
    took = ", ".join(name[operand] for operand in note.operands)
    print(f"{name[note]:5} {note.gate:6} {took:10} {note.value:.6f}")

# %% [markdown]
# There is the list, in the order in which it ran, with its values. And look at what is *not* there: the brackets,
# the name `f`, the line of code. What remains is which gate took which numbers.
#
# ## A list that is a graph
#
# Draw a dot for each row, and an arrow from each operand to the gate that takes it. That is the **computational
# graph**. Arrows only ever lead from earlier rows to later ones, so it has no cycles.
#
# `adlib.trace` does what `Noted` does, for many more gates. (It calls the values *primal*.) `.graph()` makes a
# [networkx](https://networkx.org) graph of them. Does it agree with ours?

# %%
import adlib

t = adlib.trace(f, 2.0, 1.0)
g = t.graph()

ours = {(name[operand], name[note]) for note in notes for operand in note.operands}
assert ours == set(g.edges)
assert all(np.isclose(note.value, row.value) for note, row in zip(notes, t.rows, strict=True))
print(f"{g.number_of_nodes()} nodes, {g.number_of_edges()} edges: the same in both")
t

# %%
from adlib.viz import figures

figures.show("graph-of-f")

# %% [markdown]
# *The graph of $f$ at $(2, 1)$. Values flow from left to right. Each box has its name, its gate and its value. The two
# paths from $v_{-1}$ to $y$ are thick.*
#
# ## Paths
#
# The picture answers a question that the formula hides. In how many ways does a change of $x_1$ reach $y$?
# In two: directly, through the product; and the long way, through quotient, logarithm and root. A change of $x_2$
# has one way only.
#
# This is where derivatives come in. The **local derivative** of a gate is its derivative by one operand, with the other held fixed:
# for $v_6 = v_{-1} v_5$ the two are $v_5$ and $v_{-1}$. Along one path, the chain rule multiplies the local derivatives. Over all paths,
# the products add up (Bauer, 1974). You know that sum from the product rule: $x \cdot u(x)$ has the slope $u + x\,u'$, one term for each way
# in which $x$ gets in.
#
# $$\frac{\partial y}{\partial x_1} = \sum_{\text{paths from } x_1 \text{ to } y} \;\; \prod_{\text{edges of the path}} \frac{\partial v_\text{to}}{\partial v_\text{from}}$$
#
# Each edge of `adlib`'s graph carries its local derivative as `partial`. Try the formula:

# %%
from itertools import pairwise

import networkx as nx


def along(path):
    return np.prod([g.edges[edge]["partial"] for edge in pairwise(path)])


paths = list(nx.all_simple_paths(g, "v_-1", "v_6"))
for path in sorted(paths, key=len):
    print(f"{along(path):.6f}  along {' → '.join(path)}")
print(f"{sum(along(path) for path in paths):.6f}  together")
assert np.isclose(sum(map(along, paths)), adlib.grad(f)(2.0, 1.0))

# %% [markdown]
# The sum is $\partial f/\partial x_1$, and the two terms are its two paths. Keep them in mind: you will meet
# them again in notebook 07.
#
# ## Too many paths
#
# **Predict.** Could one always differentiate like this, path by path? Take a function that forks and joins, again and
# again: $x \leftarrow \sin x + \cos x$. How many paths do three such steps make? How many do fifty?

# %%
figures.show("path-counts")

# %% [markdown]
# *Three steps. Each node shows how many paths lead from it to $y$.*
#
# Each step adds four edges and *doubles* the paths.

# %%
from adlib.lesson.examples import diamonds
from adlib.study.graph import count_paths


def graph_of_diamonds(k):
    return adlib.trace(lambda x: diamonds(x, k), 0.5).graph()


for k in (3, 10, 50):
    g = graph_of_diamonds(k)
    print(f"{k:2} steps: {g.number_of_edges():3} edges, {count_paths(g)['v_0']:,} paths")

# %% [markdown]
# Nobody walks a quadrillion paths. But then, how did the cell above *count* them? It went over the edges once, from the
# output back. The output has one path to itself. Every other node has as many as the nodes that use it have together.
#
# Derivatives can be summed in the same way. Go over the edges once, from the output back; let every node hand to each operand
# its own sum times the local derivative.


# %%
def sweep(graph, output):
    total = dict.fromkeys(graph, 0.0)
    total[output] = 1.0
    for node in reversed(list(graph)):  # from the last row to the first
        for operand in graph.predecessors(node):
            total[operand] += total[node] * graph.edges[operand, node]["partial"]
    return total


g = graph_of_diamonds(10)
output = list(g)[-1]
paths = list(nx.all_simple_paths(g, "v_0", output))
factors = sum(len(path) - 1 for path in paths)
print(f"path by path: {factors:6,} factors, {sum(along(path) for path in paths):.6f}")
print(f"edge by edge: {g.number_of_edges():6,} factors, {sweep(g, output)['v_0']:.6f}")
assert np.isclose(sweep(g, output)["v_0"], adlib.grad(lambda x: diamonds(x, 10))(0.5))

# %% [markdown]
# The same number, from 40 factors instead of twenty thousand. You have just seen reverse mode; notebook 07 takes its
# time over it.
#
# **Where the article is loose.** It says that computational graphs are "based on dynamic programming". The graph is
# no algorithm: it is the record of a run. What resembles dynamic programming (compute each partial result once, and use it again) is the *sweep*: it sums over
# exponentially many paths in a time that is linear in the number of edges, because it never computes the
# same partial sum twice.
#
# ## What becomes of `if` and `while`?
#
# Programs branch and loop. **Before you look:** what will the graph of this function contain for the line with
# `if`?

# %%
def branching(x1, x2):
    if x1 > x2:
        return x1 * np.sin(x2)
    return np.exp(x1 - x2)


for point in ((2.0, 1.0), (1.0, 2.0)):
    gates = [row.gate.name for row in adlib.trace(branching, *point).rows if row.gate]
    print(point, "met", " and ".join(gates))

# %%
figures.show("two-branches")

# %% [markdown]
# *The same function at two inputs. Neither graph has a box for the `if`.*
#
# Nothing. The numbers took notes of gates, and `if` is none. The comparison was made, Python went one way, and only
# the gates on that way were noted. At the other input, the same code leaves another graph. The same goes for a
# loop: it leaves its turns, one after the other, and no trace of itself.

# %%
figures.show("two-loops")

# %% [markdown]
# *`while x1 > 1: x1 = x1 / 2`, then `x1 * np.sin(x2)`: one turn of the loop, and three.*
#
# This is why such graphs are called *dynamic*, and why a library needs to understand neither `if` nor `while` to
# differentiate programs that use them, as long as its numbers can be compared.
#
# ## Watch values flow
#
# Try this:
#
# 1. Drag **rows done** to the left end, then to the right, one row at a time. Which edges light up?
# 2. Drag $x_1$ towards 0. At which gate does $f$ break down, and at which value?
# 3. Choose *an if*, and drag $x_1$ from 0 to 3. When does the graph change?
# 4. Choose *a while loop*, and drag $x_1$ from 0 to 5.
# 5. Type a function of your own.

# %%
from adlib.viz.explorers import GraphExplorer

GraphExplorer()

# %% [markdown]
# *One box for each row of the trace. The row reached is drawn thick, with the edges that feed it; rows to come are
# pale.*
#
# **What you should have seen.** A row can be filled in as soon as its operands are, and never before. With *an if*
# the graph jumps when $x_1$ passes $x_2$; with the loop it grows by a box when $x_1$ passes 1, 2 and 4. In between,
# numbers change and the graph does not. And $f$ breaks down at the root, once $x_1$ is smaller than
# $v_2 = \sin 1$: the quotient is then below 1, and its logarithm below 0.

# %%
for x1 in (0.9, 0.8):
    with np.errstate(invalid="ignore"):
        rows = adlib.trace(f, x1, 1.0).rows
    print(f"x1 = {x1}:", ", ".join(f"{row.symbol} = {row.value:.3f}" for row in rows[4:]))

# %% [markdown]
# ## What the graph does not know
#
# **The article says that automatic differentiation (AD) is "not limited in any form by the nature of the function".** It is limited in three ways.
# Each takes a few lines to show.
#
# *One: a gate must be known.* A function that is not in `adlib`'s table of gates cannot be differentiated, and it says so.

# %%
try:
    adlib.grad(lambda x: np.i0(x))(1.0)  # a Bessel function
except TypeError as error:
    print(str(error).splitlines()[0])

# %% [markdown]
# *Two: a gate must be differentiable where it is used.* The root at 0 is not. Its slope is infinite, and AD says so. At a *kink*, where a gate has a value
# but turns sharply, as $|x|$ does at 0, it says nothing: it answers what its table has there, a convention, and libraries differ (notebook 15).

# %%
print("√ at 0:", adlib.grad(np.sqrt)(0.0), "  |x| at 0:", adlib.grad(np.abs)(0.0))

# %% [markdown]
# *Three: the trace holds for the branch that was taken.* Here is $x^2$, written by somebody who was overly careful. At 1
# it returns the right value. What is its derivative there?


# %%
def square(x):
    if x == 1.0:
        return x  # 1² = 1, so why multiply?
    return x * x


print(f"from the graph:     {adlib.grad(square)(1.0):.3f}")
print(f"central difference: {adlib.numerical.central_difference(square, (1.0,)):.3f}")
assert adlib.grad(square)(1.0) == 1.0

# %% [markdown]
# The graph of the run at 1 is a single input, returned as it came. Its derivative is 1, and that is right *for this
# graph*. The function's derivative is 2. AD differentiates what ran. That the same gates run all around the point, so that
# this is also the derivative of the function, is for you to make sure of.
#
# ## In which order?
#
# A graph says less than a list. In $f$, every gate needs the one before it, so there is only one order. In other
# functions some gates may wait. An order in which every node comes after its operands is called **topological**. Run it
# backwards, and every node comes after all *its users*. That is what the sweep above needs: a node must have
# collected everything before it hands on.
#
# The article goes backwards "in reverse order of occurrence in the Forward Primal Mode". That is this order. In brackets it calls it "reverse level-order". **Is
# that the same?** It depends on what a level is. One may count the edges of the longest path from the inputs. Or one may count edges back from the output,
# as a breadth-first search does: first the output, then what is one edge away from it, then what is two edges away. Here are all three orders, for $f$ and for
# $y = t\,e^{\sin t}$ with $t = x^2$:

# %%
from adlib.lesson import examples
from adlib.study.graph import levels, topological_order


def too_early(graph, order):
    """Nodes that come before one of their users."""
    place = {node: k for k, node in enumerate(order)}
    return [node for node in order if any(place[user] > place[node] for user in graph[node])]


for function, point in ((f, (2.0, 1.0)), (examples.level_order_trap, (1.0,))):
    g = adlib.trace(function, *point).graph()
    orders = {
        "reverse order of occurrence": topological_order(g)[::-1],
        "levels by longest path": sum(list(nx.topological_generations(g))[::-1], []),
        "levels by edges from y": sum(levels(g), []),
    }
    for name, order in orders.items():
        print(f"{name:28}", " ".join(order), "  too early:", too_early(g, order) or "none")

# %% [markdown]
# With the longest path it is the same, or as good: every user lies on a higher level than its operand. With edges from the output it is not. In $f$ it comes to $v_{-1}$ too
# early. That does no harm, for an input hands nothing on. In the other function it comes too early to $v_1$, which is $t$, and $t$ does hand on.

# %%
figures.show("two-orders")

# %% [markdown]
# *The same graph, visited in two orders. By edges from $y$, $v_1$ is done with before $v_2$ has told it anything.*
#
# Notebook 07 computes the wrong derivative that follows.
#
# ## Exercises
#
# **1.** How many paths lead from $x$ to $y$ in a chain of 20 diamonds, 20 steps of $x \leftarrow \sin x + \cos x$?

# %% tags=["exercise"]
from adlib.lesson import exercises

answer = ...
exercises.check("04-1", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Every path that has come to the end of a diamond can go on in two ways.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("04-1", 2**20)

# %% [markdown]
# **2.** The loop above halves $x_1$ until it is at most 1. At $x_1 = 5$ it leaves a certain graph. Give another
# $x_1$ that leaves the same one.

# %% tags=["exercise"]
answer = ...
exercises.check("04-2", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The values may differ; the number of boxes may not. How often is 5 halved? Where does one halving more begin?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("04-2", 6.0)

# %% [markdown]
# **3.** Write a function that counts paths without walking them. It gets the trace as a list: for each row, the
# places of the rows it uses. For $f$ that is `[[], [], [1], [2], [0, 3], [4], [5], [0, 6]]`. It returns the number
# of paths from row `start` to the last row. In $x \cdot x$ the operand is used twice: `[0, 0]` counts twice.


# %% tags=["exercise"]
def count(operands, start): ...


exercises.check("04-3", count)

# %% [markdown]
# <details><summary>Hint</summary>
#
# It is the sweep without derivatives: the last row starts with 1, all others with 0. Go from the last row up; each row
# adds its own number to the rows it uses.
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def count_solution(operands, start):
    paths = [0] * len(operands)
    paths[-1] = 1
    for row in reversed(range(len(operands))):
        for used in operands[row]:
            paths[used] += paths[row]
    return paths[start]


exercises.solution("04-3", count_solution)

# %% [markdown]
# **4.** The survey by Baydin and others (below) has the example $y = \log x_1 + x_1 x_2 - \sin x_2$. Run in Python, its trace is $v_1 = \log v_{-1}$, $v_2 = v_{-1} v_0$,
# $v_3 = v_1 + v_2$, $v_4 = \sin v_0$, $v_5 = v_3 - v_4$. In how many orders can these five gates run?

# %% tags=["exercise"]
answer = ...
exercises.check("04-4", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Place $v_1$, $v_2$ and $v_3$ first: which of them must wait? Then ask where $v_4$ fits in.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("04-4", 8)

# %% [markdown]
# ## Take away
#
# 1. A run of a program is a list of gates. Drawn with an arrow from each operand to its use, it is a graph without cycles.
# 2. A derivative is a sum over paths, and there can be exponentially many. One sweep over the edges adds them all up.
# 3. The graph records what ran: gates, but no `if` and no `while`. Its derivative is that of the branch taken.
#
# **Left out on purpose:** graphs that are compiled before they run and can hold a branch or a loop as a node (as under JAX's `jit`);
# rearranging a graph to make it cheaper; graphs over arrays, where one node may stand for a million numbers (notebook 12
# has one).
#
# **Where it comes from:**
#
# - A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008,
#   chapter 2: the trace, and the numbering of the $v_i$.
# - F. L. Bauer, [Computational graphs and rounding error](https://doi.org/10.1137/0711010), SIAM Journal on Numerical
#   Analysis 11, 1974: the sum over paths.
# - R. E. Wengert, [A simple automatic derivative evaluation program](https://doi.org/10.1145/355586.364791),
#   Communications of the ACM 7, 1964: the list of elementary steps.
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind,
#   [Automatic differentiation in machine learning: a survey](https://jmlr.org/papers/v18/17-468.html), JMLR 18(153), 2018.
# - The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Next: [05 Forward mode](05_forward_mode.ipynb) · Previous: [03 Symbolic differentiation](03_symbolic_differentiation.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
