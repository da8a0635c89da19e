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
# # Cost
#
# After this page you can say which mode a problem wants, what the tape costs, and how to pay less.
#
# *Prerequisites:* forward and reverse mode ([05](05_forward_mode.ipynb), [07](07_reverse_mode.ipynb)). *Time:* 35 minutes.
#
# Previous: [07 Reverse mode](07_reverse_mode.ipynb) · Next: [12 A toy neural network](12_toy_neural_network.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## Count, do not time
#
# How expensive is a derivative? A stopwatch answers for one machine, on one day. **What could one measure that is the same everywhere?**
#
# Operations. Numbers can take notes (notebook 04), so they can count as well:

# %%
import numpy as np

count = 0


class Counting:
    """A number that counts what is done with it."""

    def __init__(self, value): self.value = value

    def __mul__(self, other):
        global count
        count += 1
        return Counting(self.value * getattr(other, "value", other))

    __rmul__ = __mul__


def product(x):
    y = 1.0
    for factor in x:
        y = y * factor
    return y


product([Counting(float(k)) for k in range(1, 9)])
print(f"a product of 8 factors: {count} multiplications (one of them by 1)")

# %% [markdown]
# `adlib.study.cost.operations` counts for every gate, and under derivatives, too: it puts its counting numbers *below* whatever mode runs.

# %%
import adlib
from adlib.study.cost import operations
from adlib.lesson.examples import speelpenning

x = np.arange(1.0, 9.0)
print("the product:             ", operations(speelpenning, x))
print("one pass of forward mode:", operations(lambda x: adlib.jvp(speelpenning, (x,), (np.eye(8)[0],)), x))
print("its gradient, reverse:   ", operations(adlib.grad(speelpenning), x))

# %% [markdown]
# The numbers add up. In forward mode a product takes four operations: the value, two products and a sum for the tangent. Seven products make 28. The first
# factor is multiplied by the constant 1: one more, 29. In reverse mode there are the same 8 products. On the way back there are two for each of the seven, and one
# for the first: 15. And 8 sums put the results into the gradient. That makes 31.
#
# ## A gradient is cheap
#
# **Predict.** The product of $n$ factors costs $n$ operations. What does its gradient cost, all $n$ derivatives of it, in forward mode? In reverse mode?

# %%
from adlib.study.cost import costs

print("  n       f   differences   forward   reverse   reverse / f")
for n in (4, 16, 64, 256):
    c = costs(speelpenning, (np.arange(n) + 1.0) / (np.arange(n) + 2.0))
    print(f"{n:3} {c['function']:7} {c['numerical']:13} {c['forward']:9} {c['reverse']:9} {c['reverse'] / c['function']:10.3f}")

# %% [markdown]
# Differences and forward mode grow as $n^2$: they run the function for each input. Reverse mode stays just below four times the function, *for any $n$*. **Why?**
# The way back visits each gate once. What it does there depends on the gate, not on how many inputs the program has:

# %%
for gate in (np.add, np.exp, np.multiply, np.sin, np.tanh, np.divide, np.power, np.arctan2):
    numbers = (1.2, 0.7)[: gate.nin]
    gradient = adlib.grad(gate, argnums=tuple(range(gate.nin)))
    once, both = operations(gate, *numbers), operations(gradient, *numbers)
    print(f"{gate.__name__:8} {once} operation, with its gradient {both:2}")

for n in (10, 100):
    once, both = operations(np.prod, np.ones(n)), operations(adlib.grad(np.prod), np.ones(n))
    print(f"np.prod of {n:3} numbers: {once:3} operations, with its gradient {both:4}")

# %% [markdown]
# (A number that is used several times has its contributions added: one sum more for each further use.) This is the
# **cheap gradient principle** (Baur and Strassen, 1983, for the four rules of arithmetic; Griewank, 1989): value and gradient of a program cost at most a constant times the
# program. It holds for programs made of *given* gates, and the constant is that of the worst gate among them. Where a sine counts as much as a product, as
# here, a few gates are dear: `arctan2` makes 12 of 1. And a gate that takes a whole array may have a rule that costs more the longer the array is, as `np.prod` has here.
#
# Operations are not time, either. In Python each recorded gate also costs bookkeeping, which nobody counted. For gates on single numbers it can outweigh the
# arithmetic by far.

# %%
from adlib.viz import figures

figures.show("cost-of-a-gradient")

# %% [markdown]
# *Operations of a gradient, relative to those of the function. The Helmholtz energy of a mixture is the example with which Griewank made the principle plain.*
#
# ## m inputs, n outputs
#
# A gradient has one output. A Jacobian has $n$. Forward mode needs a pass for each input, reverse mode a way back for each output. **Where should they cross?**
#
# Our example is one layer of a network, $\sin(Wx)$, where $W$ is a matrix of $n$ rows and $m$ columns. `counted(m, n)` counts the operations of its whole Jacobian.

# %%
from adlib.viz.explorers.cost import counted

print("inputs  outputs   forward   reverse   (operations)")
for m, n in ((16, 1), (16, 4), (16, 16), (4, 16), (1, 16)):
    c = counted(m, n)
    print(f"{m:6} {n:8} {c['forward']:9} {c['reverse']:9}")

# %% [markdown]
# Near $m = n$, as it should be, and a little on forward mode's side: with as many inputs as outputs there is nothing to gain from going back.
#
# The sliders count in powers of two.
#
# 1. Set $n = 1$ (**log₂ n** at 0) and drag **log₂ m** to its right end. By what factor does reverse mode win?
# 2. Now drag **n** up. What happens to the two curves, and to their crossing?
# 3. Walk along the diagonal of the table, $m = n$. Which mode wins there?

# %%
from adlib.viz.explorers import CostExplorer

CostExplorer()

# %% [markdown]
# *A layer $\sin(Wx)$. Left: its Jacobian in counted operations. Right: which mode is cheaper.*
#
# **What you should have seen.** With one output reverse mode's curve stays close to the function's. Each doubling of $n$ doubles the function itself, and
# so forward mode with its $m$ passes. Reverse mode has twice as many ways back, each twice as dear; so the crossing moves to the right. On the diagonal forward mode wins.
#
# ## Several directions at once
#
# $m$ passes of forward mode compute the same *values* $m$ times. **What would you share?** Carry several tangents with each value. The little class of notebook 05
# can do it already, if its rate is an array:


# %%
class Moving:
    def __init__(self, value, rate): self.value, self.rate = value, rate

    def __mul__(self, other):
        return Moving(self.value * other.value, self.rate * other.value + self.value * other.rate)


numbers = [2.0, 3.0, 4.0]
y = Moving(1.0, np.zeros(3))
for value, seed in zip(numbers, np.eye(3), strict=True):
    y = y * Moving(value, seed)
print("value", y.value, " gradient", y.rate.tolist())

# %% [markdown]
# One pass, three directions: **vector forward mode**. Values are computed once. The tangents are still $m$ times the work, so it wins a constant factor, no more:

# %%
n = 64
x = (np.arange(n) + 1.0) / (np.arange(n) + 2.0)
once = operations(speelpenning, x)
one_pass = operations(lambda x: adlib.jvp(speelpenning, (x,), (np.eye(n)[0],)), x)
print(f"{n} passes of jvp:       {n * one_pass:,} operations")
print(f"values once, {n} tangents: {once + n * (one_pass - once):,}")
print(f"what jacobian runs:      {operations(adlib.jacobian(speelpenning), x):,}")

# %% [markdown]
# `adlib.jacobian` works like this, in blocks of many tangents, so that memory stays bounded. The table above counts single passes of `jvp`.
#
# ## What the tape weighs
#
# Reverse mode walks back over what it has kept. **How does that grow with the length of the program?**

# %%
from adlib.study.cost import tape_size


def step(x):
    return 1.3 * np.sin(x) + 0.1 * x


def chain(x, length):
    for _ in range(length):
        x = step(x)
    return x


for length in (10, 100, 1000):
    tape = tape_size(lambda x, length=length: chain(x, length), np.full(1000, 0.4))
    print(f"{length:4} steps on 1000 numbers: {tape.nodes:5} nodes, {tape.bytes / 1e6:6.2g} MB")

# %% [markdown]
# In proportion, and it is the *values* that weigh: 8000 bytes each. A simulation with a million steps does not fit. Forward mode keeps no tape.
#
# ## Paying with time: checkpoints
#
# Keep only a few states. When the way back needs a step whose state is gone, run forward again from the nearest one that is kept. **With three states kept, how many
# steps must be run again to walk back over ten?** Each step runs once more while it is recorded; do not count that. Try it with pencil and paper before you look.

# %%
figures.show("checkpoints")

# %% [markdown]
# *Time runs downwards. Squares keep a state, circles return to one, black lines run forward, green arrows record one step and walk back over it.*
#
# Where to put the squares is a puzzle with an exact solution. With $s$ states and at most $r$ runs of each step, besides the one that records it, one can walk back over
# $\binom{s+r}{s}$ steps, and the least number of steps run is $t(l, s) = r\,l - \binom{s+r}{s+1}$, with the smallest $r$ that suffices (Griewank and Walther, 2000). Count the schedule's and compare:

# %%
from adlib.study.cost import checkpointed, fewest_steps, schedule

for length, snapshots in ((10, 1), (10, 3), (10, 8), (50, 5), (100, 10), (1000, 10)):
    moves = schedule(length, snapshots)
    ran = sum(move.stop - move.start for move in moves if move.kind == "advance")
    print(f"{length:4} steps, {snapshots:2} snapshots: {ran:4} steps run again, formula {fewest_steps(length, snapshots)}")
    assert ran == fewest_steps(length, snapshots)

# %% [markdown]
# These are the black lines. Each step also runs once while it is recorded, the green arrows, and the formula does not count that. So a thousand steps with ten
# states, instead of a thousand, take 3636 and 1000 steps: less than five runs. And it is the same derivative, to the last bit.
#
# `checkpointed` hands back the adjoint of the *first state*, and of nothing else. **Our step contains the number 1.3. What if that is a parameter, and its
# derivative is wanted?** Then it must travel with the state:

# %%
def step_with(state):
    x, r = state
    return r * np.sin(x) + 0.1 * x, r


def last(x, r):
    for _ in range(20):
        x, r = step_with((x, r))
    return np.sum(x)


# %%
x = np.linspace(0.3, 0.5, 1000)
done = checkpointed(step, x, length=20, snapshots=3, seed=np.ones(1000))
both = checkpointed(step_with, (x, 1.3), length=20, snapshots=3, seed=(np.ones(1000), 0.0))
x_bar, r_bar = adlib.grad(last, argnums=(0, 1))(x, 1.3)  # with the whole tape
print("the state's adjoint is the same:", np.array_equal(done.adjoint, x_bar), np.array_equal(both.adjoint[0], x_bar))
print(f"the parameter's adjoint: {both.adjoint[1]:.6f}, with the whole tape {r_bar:.6f}")
print(f"states kept: {both.most_kept}, steps run, besides recording: {both.steps}")
assert np.array_equal(done.adjoint, x_bar)

# %% [markdown]
# Play it. Press → on **move** from the left end, and say what comes next. Then set **snapshots** to 1, and to 8.

# %%
from adlib.viz.explorers import CheckpointExplorer

CheckpointExplorer()

# %% [markdown]
# *Filled squares at the top are the states that are kept at this moment.*
#
# **What you should have seen.** With one snapshot everything starts from the beginning each time: 45 steps, besides the ten that are recorded. With eight it is ten, and one run to the end takes nine of them. In between, squares crowd
# towards the end first, and are freed for use further left.
#
# ## Zeros are worth money
#
# "$m$ passes" is for a Jacobian about which nothing is known. Take a chain in which each output depends on three neighbours. **Can two columns share a pass?**

# %%
from adlib.study.sparse import sparse_jacobian


def neighbours(x):
    padded = np.concatenate([np.zeros(1), x, np.zeros(1)])
    return padded[:-2] - 2 * x**2 + np.sin(padded[2:])


m = 1000
pattern = sum(np.eye(m, k=k, dtype=bool) for k in (-1, 0, 1)) > 0
x = np.linspace(0.0, 1.0, m)
found = sparse_jacobian(neighbours, x, pattern)
print(f"{m} columns, {found.passes} passes, {np.count_nonzero(pattern):,} entries")
small = adlib.jacobian(neighbours)(x[:50])
assert np.array_equal(small, sparse_jacobian(neighbours, x[:50], pattern[:50, :50]).matrix)

# %% [markdown]
# They can, if they have no row in common: seed both, and each output says which of the two it answers to. Columns that *do* meet need different passes. That is the
# colouring of a graph. The fewest colours are hard to find (the problem is NP-hard), so `networkx` takes the columns in turn and gives each the first colour that is free. Often
# that is as good, as here; never is it wrong.
#
# What can be wrong is the pattern. It is a promise, and nobody checks it. Promise zeros that are not there, and see. **What would notice it?**

# %%
def pair(x):
    return np.stack([3 * x[0] + 2 * x[1], 3 * x[0] + 2 * x[1]])


direction = np.random.default_rng(0).normal(size=2)
for promise in (np.eye(2, dtype=bool), np.ones((2, 2), dtype=bool)):
    J = sparse_jacobian(pair, np.ones(2), promise).matrix
    one_pass = adlib.jvp(pair, (np.ones(2),), (direction,))[1]
    print(J.tolist(), " one more pass agrees:", np.allclose(J @ direction, one_pass))

# %% [markdown]
# The 3 and the 2 were added into one entry, without a word. One more pass in a random direction is cheap, and finds it.

# %%
figures.show("colouring")

# %% [markdown]
# *Three diagonals. Columns of one mark share a pass.*
#
# ## Where the article is loose
#
# **It writes the costs as $\Omega(m \cdot \text{ops})$ and $\Omega(n \cdot \text{ops})$.** $\Omega$ is a *lower* bound: "at least so much". What is meant, and true, are upper bounds, $O$. The last section went far below: a
# Jacobian with a thousand columns in three passes. And reverse mode has a second cost, which the article does not mention: $O(\text{ops})$ of memory, for the tape.
#
# **It lets $n$ be the number of parameters, and later the number of outputs.** Here $m$ counts inputs, $n$ outputs.
#
# ## Exercises

# %% [markdown]
# **1.** A simulation has 3 parameters and returns 10,000 numbers. You want the whole Jacobian. Which mode?

# %% tags=["exercise"]
from adlib.lesson import exercises

exercises.ask("11-1")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Count passes: one for each input, or one for each output.
#
# </details>

# %% [markdown]
# **2.** With one snapshot (the first state), how many steps must be run to walk back over 6 steps? Do not count the run in which a step is recorded.

# %% tags=["exercise"]
answer = ...
exercises.check("11-2", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# To record the last step you need the state before it: how many steps from the start? And for the one before?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("11-2", fewest_steps(6, 1))

# %% [markdown]
# **3.** A Jacobian has entries only on the diagonal, in the first row and in the first column (an arrow). How many *forward* passes does it need, if it is 100 × 100?

# %% tags=["exercise"]
answer = ...
exercises.check("11-3", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Which columns meet in the first row?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
arrow = np.eye(100, dtype=bool)
arrow[0, :] = arrow[:, 0] = True
exercises.solution("11-3", sparse_jacobian(lambda x: x * x[0] + np.sum(x) * np.eye(100)[0], np.ones(100), arrow).passes)

# %% [markdown]
# ## Take away
#
# 1. Forward mode costs about $m$ runs for a Jacobian, reverse mode about $n$. A gradient costs a few runs, for any number of inputs; how many, the gates say.
# 2. Reverse mode also costs memory in proportion to the length of the run. Checkpoints buy most of it back, for few extra runs.
# 3. These are upper bounds. Zeros that are known make it cheaper: columns that do not meet share a pass.
#
# **Left out on purpose:** finding the pattern of zeros; colouring for Hessians; the cost of moving data, which on real machines often exceeds that of arithmetic.
#
# **Where it comes from:**
# W. Baur, V. Strassen, [The complexity of partial derivatives](https://doi.org/10.1016/0304-3975(83)90110-X), Theoretical Computer Science 22, 1983.
# B. Speelpenning, *Compiling fast partial derivatives of functions given by algorithms*, PhD thesis, University of Illinois, 1980.
# A. Griewank, *On automatic differentiation*, in M. Iri, K. Tanabe (eds.), Mathematical Programming: Recent Developments and Applications, Kluwer 1989.
# A. Griewank, A. Walther, [Algorithm 799: revolve](https://doi.org/10.1145/347837.347846), ACM Transactions on Mathematical Software 26, 2000.
# A. R. Curtis, M. J. D. Powell, J. K. Reid, [On the estimation of sparse Jacobian matrices](https://doi.org/10.1093/imamat/13.1.117), IMA Journal of Applied Mathematics 13, 1974.
# A. H. Gebremedhin, F. Manne, A. Pothen, [What color is your Jacobian?](https://doi.org/10.1137/S0036144504444711), SIAM Review 47, 2005.
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008, chapters 3, 4, 8 and 12.
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Next: [12 A toy neural network](12_toy_neural_network.ipynb) · Previous: [07 Reverse mode](07_reverse_mode.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
