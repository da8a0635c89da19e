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
# # Reverse mode
#
# After this page you can run the chain rule backwards through a program, and say why one pass gives the derivative by
# every input.
#
# *Prerequisites:* evaluation traces ([04](04_computational_graphs.ipynb)) and tangents ([05](05_forward_mode.ipynb)). *Time:* 35 minutes.
#
# Previous: [06 Dual numbers](06_dual_numbers.ipynb) · Next: [11 Cost](11_cost.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## Turn the question round
#
# Forward mode asks: *if I push on this input, what happens to everything?* One push, one pass.
#
# **Before you read on:** a function has 1000 inputs and one output. You want to know what every
# input does to it. How many passes of forward mode? And is there something else you could ask, once?
#
# It takes 1000. But all of these passes end at the same place, the output. So stand there, look back, and ask: *how
# much does $y$ answer to a small change of $v_i$?* Nudge $v_i$, let all later rows be computed again, and see how $y$ moves. Write
# $\bar v_i = \partial y / \partial v_i$ for the answer, over *all* paths, and call it the **adjoint** of $v_i$. (A local derivative, $\partial v_6/\partial v_{-1}$ say, is
# about one gate only, with its other operand held fixed.) Here is the trace of $f$ again:
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
# One adjoint is known before we start: $\bar v_6 = \partial y/\partial y = 1$. **Predict:** what is $\bar v_5$ at
# $(2, 1)$? And once you have it, what do you need for $\bar v_4$?
#
# $y = v_{-1} v_5$, and $v_5$ is used nowhere else, so $\bar v_5 = v_{-1} = 2$. And $v_4$ reaches $y$ only through $v_5$, so
# $\bar v_4 = \bar v_5 \cdot \partial v_5 / \partial v_4$: the adjoint of the user, times a local derivative. So it goes on, from
# bottom to top. Each row hands its adjoint on to its operands:
#
# $$
# \begin{aligned}
# \text{start:} && \bar v_6 &\mathrel{+}= 1 && \\
# v_6 \text{ gives:} && \bar v_{-1} &\mathrel{+}= \bar v_6\, v_5 & \bar v_5 &\mathrel{+}= \bar v_6\, v_{-1} \\
# v_5 \text{ gives:} && \bar v_4 &\mathrel{+}= \bar v_5 / (2 \sqrt{v_4}) && \\
# v_4 \text{ gives:} && \bar v_3 &\mathrel{+}= \bar v_4 / v_3 && \\
# v_3 \text{ gives:} && \bar v_{-1} &\mathrel{+}= \bar v_3 / v_2 & \bar v_2 &\mathrel{+}= -\bar v_3\, v_{-1} / v_2^2 \\
# v_2 \text{ gives:} && \bar v_1 &\mathrel{+}= \bar v_2 \cos v_1 && \\
# v_1 \text{ gives:} && \bar v_0 &\mathrel{+}= \bar v_1 \cdot 2 v_0 &&
# \end{aligned}
# $$
#
# Why $\mathrel{+}=$? Because $v_{-1}$ is used twice, and each use has something to say. Every adjoint starts at 0 and is
# only ever added to.

# %%
import numpy as np

v = {-1: 2.0, 0: 1.0}  # forward: compute the values, and keep them
v[1] = v[0] ** 2
v[2] = np.sin(v[1])
v[3] = v[-1] / v[2]
v[4] = np.log(v[3])
v[5] = np.sqrt(v[4])
v[6] = v[-1] * v[5]

# %%
bar = dict.fromkeys(v, 0.0)  # backward: every adjoint starts at 0 ...
bar[6] += 1.0
bar[-1] += bar[6] * v[5]  # ... and is only ever added to
print(f"v̄₋₁ has received {bar[-1]:.6f}")
bar[5] += bar[6] * v[-1]
bar[4] += bar[5] / (2 * np.sqrt(v[4]))
bar[3] += bar[4] / v[3]
bar[-1] += bar[3] / v[2]
print(f"v̄₋₁ has received {bar[3] / v[2]:.6f} more: {bar[-1]:.6f}")
bar[2] += -bar[3] * v[-1] / v[2] ** 2
bar[1] += bar[2] * np.cos(v[1])
bar[0] += bar[1] * 2 * v[0]
print(f"gradient: ({bar[-1]:.9f}, {bar[0]:.9f})")

# %% [markdown]
# One way forward, one way back, and both derivatives are there. The second one, $-1.380166$ rounded, is what forward
# mode found in [notebook 05](05_forward_mode.ipynb) with the seed $(0, 1)$. The first one took it another pass.
#
# This is **reverse mode**. Look at what it needs: the *values* of the forward pass, because local derivatives depend on
# them ($\cos v_1$, $1/v_3$, ...), and the *list* of what was computed from what.
#
# ## Let the numbers keep a tape
#
# In notebook 04, numbers took notes while they were computed with. **What must such a note contain, so that one
# can walk back along it?**
#
# For each operand: who it was, and the local derivative. (Or the values from which the local derivative can be made later: large libraries
# usually keep those.) Such a list of notes, kept for walking back, is called a **tape**.

# %%
tape = []


class Taped:
    """A number that remembers from what it was made, with the local derivatives."""

    def __init__(self, value, *operands):
        self.value, self.operands, self.bar = value, operands, 0.0
        tape.append(self)

    def __mul__(self, other):
        return Taped(self.value * other.value, (self, other.value), (other, self.value))

    def __truediv__(self, other):
        quotient = self.value / other.value
        return Taped(quotient, (self, 1 / other.value), (other, -quotient / other.value))

    def __pow__(self, n): return Taped(self.value**n, (self, n * self.value ** (n - 1)))
    def sin(self): return Taped(np.sin(self.value), (self, np.cos(self.value)))
    def exp(self): return Taped(np.exp(self.value), (self, np.exp(self.value)))
    def log(self): return Taped(np.log(self.value), (self, 1 / self.value))
    def sqrt(self): return Taped(np.sqrt(self.value), (self, 0.5 / np.sqrt(self.value)))


# %% [markdown]
# The way back is five lines. It knows nothing of sines and products.


# %%
def backward(y):
    y.bar += 1.0
    for node in reversed(tape):
        for operand, partial in node.operands:
            operand.bar += node.bar * partial


# %%
def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


tape.clear()
x1, x2 = Taped(2.0), Taped(1.0)
backward(f(x1, x2))
print(f"gradient: ({x1.bar:.9f}, {x2.bar:.9f})")

# %% [markdown]
# That is a reverse-mode engine, for every function that is made of these seven gates. `adlib` has one for every gate in its table, and several
# doors to it. Here are two:

# %%
import adlib

gradient = adlib.grad(f, argnums=(0, 1))(2.0, 1.0)  # a function in, a function out
a, b = adlib.Variable(2.0), adlib.Variable(1.0)  # numbers that keep a tape, as ours do
f(a, b).backward()

for found in (gradient, (a.grad, b.grad)):
    print(f"gradient: ({found[0]:.9f}, {found[1]:.9f})")
    assert np.allclose(found, (x1.bar, x2.bar), rtol=1e-14)

# %% [markdown]
# And here is each step of the way back, in the order in which it happens. Read it from top to bottom, and the primal rows on
# the left come last to first:

# %%
t = adlib.trace(f, 2.0, 1.0)
t.adjoint()

# %% [markdown]
# Find $\bar v_{-1}$. It has two rows: it receives from $v_6$, directly, and four rows later from $v_3$. The second visit does not
# replace the first. It adds to it.

# %%
parts = [step.contribution for step in t.adjoint() if step.target.name == "v_-1"]
print(f"{parts[0]:.9f} + {parts[1]:.9f} = {sum(parts):.9f}")

# %%
from adlib.viz import figures

figures.show("reverse-trace")

# %% [markdown]
# *Values, adjoints (◀) and local derivatives (on the edges) at $(2, 1)$. Adjoints run back along
# all edges; the two over which $v_{-1}$ receives are thick.*
#
# You have met the two numbers in notebook 04: they are the two paths from $x_1$ to $y$. (Reverse mode is also called
# *reverse accumulation*. The article thinks that this adding gave it the name. But *forward accumulation* has the name, too, and there no
# adjoint is added to anything. What both accumulate is the derivative, gate by gate along the chain.)
#
# ## Why `+=`, and why from 0
#
# **The article assigns $\bar v_{-1}$ at the first visit and adds at the second.** By hand that works, because you know which
# visit is the first. A program would have to find out. What happens if it simply assigns each time?


# %%
def backward_assigning(y):
    y.bar += 1.0
    for node in reversed(tape):
        for operand, partial in node.operands:
            operand.bar = node.bar * partial  # = instead of +=


tape.clear()
x1, x2 = Taped(2.0), Taped(1.0)
backward_assigning(f(x1, x2))
print(f"assigned: ({x1.bar:.6f}, {x2.bar:.6f})")
print(f"added:    ({gradient[0]:.6f}, {gradient[1]:.6f})")

# %% [markdown]
# The last visit wins, and the first is forgotten. $\bar v_0$ is right by luck: nothing on its way is used twice. So: all
# adjoints start at 0, every contribution is added, and no visit is special.
#
# ## Called twice
#
# `backward` starts every adjoint at 0 only because `Taped` does. A second call finds what the first has left, and adds to it. **Predict:** by
# what factor does each adjoint grow? The same gradient twice should make a factor of 2.

# %%
tape.clear()
x1, x2 = Taped(2.0), Taped(1.0)
y = f(x1, x2)
backward(y)
once = [node.bar for node in tape]
backward(y)
for k, node, before in reversed(list(zip((-1, *range(7)), tape, once, strict=True))):
    print(f"v̄ of row {k:2}: factor {node.bar / before:.3f}")

# %% [markdown]
# **Why not 2?** Count in right adjoints. Only $\bar v_6$ is doubled. It then hands on 2, not 1. The next row has kept 1 from the first walk: together 3. It hands on
# all 3, and the next one has 4. So it goes on up to 8. ($v_{-1}$ receives over two ways, a short one with factor 3 and a long one with factor 6.) An
# adjoint *between* input and output must not be handed on twice. Set those back to 0 after each walk, and only those:

# %%
for node in tape:
    node.bar = 0.0
for _ in range(2):
    backward(y)
    for node in tape:
        if node.operands:  # not an input
            node.bar = 0.0
print(f"factors {x1.bar / gradient[0]:.3f} and {x2.bar / gradient[1]:.3f}")

# %% [markdown]
# Now the inputs hold the sum of two gradients. Whoever wants a new gradient instead sets the inputs back, too. `adlib` keeps no adjoints in
# between, and gives up the record when it has walked it. **What does it answer to a second call? And to a second run?**

# %%
a, b = adlib.Variable(2.0), adlib.Variable(1.0)
y = f(a, b)
y.backward()
try:
    y.backward()
except RuntimeError as error:
    print(error)
f(a, b).backward()  # a new record, the same inputs
print(f"factors {a.grad / gradient[0]:.3f} and {b.grad / gradient[1]:.3f}")

# %% [markdown]
# The second call is an error, unless the first was told to keep the record (`retain_graph`). The second run adds to the inputs' `grad`, in `adlib`
# as in PyTorch. Nobody but you knows when a sum is wanted, so nobody else sets it back. That is the line `zero_grad()` in notebook 12.
#
# ## In which order?
#
# A node may hand on its adjoint when the adjoint is complete: when all its users have contributed. Our `backward` does
# not check that. It just walks the tape from its end. **Why is that enough?**
#
# Because a gate can only take numbers that exist already. So on the tape every operand stands before its users; backwards,
# all users come before the operand. The order of creation is a topological order for free. Nothing has to be sorted.

# %%
place = {id(node): k for k, node in enumerate(tape)}
print(all(place[id(operand)] < place[id(node)] for node in tape for operand, _ in node.operands))

# %% [markdown]
# Notebook 04 promised a wrong derivative. Here it is. **The article says it rightly, and then adds a bracket:** "in reverse order of occurrence" is just
# this, but "reverse level-order" can be read in two ways. The level of a node may be the longest way to it from an input. Or it may be the
# number of edges from the output: first all nodes that are one edge away, then those two edges away. Try both on $y = t\,e^{\sin t}$ with
# $t = x^2$, at $x = 1$. There, $t$ is one edge away from $y$, but also three edges away.


# %%
def y_of(x):
    t = x**2
    return t * np.exp(np.sin(t))


def by_edges(y):
    order = [y]
    for node in order:  # grows while we walk it
        order += [operand for operand, _ in node.operands if operand not in order]
    return order


def by_longest_way(y):
    level = {}
    for node in tape:
        level[node] = 1 + max((level[operand] for operand, _ in node.operands), default=0)
    return sorted(tape, key=level.get, reverse=True)


# %%
def derivative(ordered):
    tape.clear()
    x = Taped(1.0)
    y = y_of(x)
    y.bar += 1.0
    for node in ordered(y):
        for operand, partial in node.operands:
            operand.bar += node.bar * partial
    return x.bar


h = 1e-5
print(f"level order, edges from the output:      {derivative(by_edges):.6f}")
print(f"level order, longest way from the input: {derivative(by_longest_way):.6f}")
print(f"the tape, backwards:                     {derivative(lambda y: reversed(tape)):.6f}")
print(f"central difference:                      {(y_of(1 + h) - y_of(1 - h)) / (2 * h):.6f}")

# %%
figures.show("adjoints-in-two-orders")

# %% [markdown]
# *The adjoint that each node hands on. Level order here counts edges from the output.*
#
# In that order, $t$ hands on what it has received over the short path. The long path arrives later, and nobody passes
# that on. The result is wrong without a word. It must be a **reverse topological order**: every user before its operand. The other two are such orders.
#
# Could one do without an order? Here is recursion, as one would write it first. **What goes wrong?** With $b = a \cdot a$ and $c = b \cdot b$ the
# derivative of $c$ at $a = 1$ is 4.


# %%
def recursive(node):
    for operand, partial in node.operands:
        operand.bar += node.bar * partial
    for operand, _ in node.operands:
        recursive(operand)


a = Taped(1.0)
b = a * a
c = b * b
c.bar = 1.0
recursive(c)
print(f"by recursion: {a.bar}")

# %% [markdown]
# $b$ is used twice, so it is visited twice. The second time it hands on again what it had handed on already. It is the mistake of *Called twice*, within
# one walk. A loop over the tape visits each node once, when its adjoint is complete.
#
# ## One pass, all inputs
#
# **Predict:** how often does the function run for a gradient by 1000 inputs? The product $x_1 x_2 \cdots x_m$ is a good test:
# its gradient is known, $\partial y / \partial x_i = y / x_i$.

# %%
from adlib.lesson import examples

runs = 0


def product(x):
    global runs
    runs += 1
    return examples.speelpenning(x)


x = np.array([(i + 1) / (i + 2) for i in range(1000)])
gradient = adlib.grad(product)(x)
print(f"{runs} run for {gradient.size} derivatives")
assert np.allclose(gradient, product(x) / x, rtol=1e-10)

# %% [markdown]
# One run, and one walk back over its rows. The walk costs a small multiple of the run, whatever
# the number of inputs. Forward mode would have run 1000 times. The other price is memory: the values have to be kept until the way back has
# used them. Both are counted in notebook 11.
#
# With several outputs, the way back starts from a seed, too. $\bar y$ says how much each output counts, and one pass gives
# $\bar x_j = \sum_i \bar y_i J_{ij}$, in short $J^T \bar y$: for all inputs, but for one combination of outputs. Forward mode sums along the rows of $J$, reverse
# mode along its columns. For the whole $J$, $m$ inputs and $n$ outputs take $m$ passes of forward mode, or $n$ of reverse mode. `adlib.vjp` (for *vector-Jacobian product*)
# returns the value and the way back as a function of $\bar y$, called the **pullback**. JAX calls adjoints *cotangents*.
#
# This gives a test that needs no formula. Forward mode computes $J \dot x$, reverse mode $J^T \bar y$, and for any two
# seeds
#
# $$\bar y \cdot (J \dot x) = (J^T \bar y) \cdot \dot x.$$
#
# Both sides are $\sum_{ij} \bar y_i J_{ij} \dot x_j$, bracketed in two ways. If the two modes disagree on it, one of them is wrong. If they agree, both may
# still share a wrong local derivative, so `check_grads` compares with a difference quotient, too.


# %%
def mapping(x):  # three inputs, two outputs
    return np.array([1.0, 0.0]) * x[0] * np.sin(x[1]) + np.array([0.5, 2.0]) * np.exp(x[2] / x[0])


x, x_dot, y_bar = np.array([1.0, 2.0, 0.5]), np.array([0.3, -1.0, 2.0]), np.array([1.5, -0.7])
_, y_dot = adlib.jvp(mapping, (x,), (x_dot,))
(x_bar,) = adlib.vjp(mapping, x)[1](y_bar)
print(f"ȳ · (J ẋ)  = {y_bar @ y_dot:.9f}")
print(f"(Jᵀ ȳ) · ẋ = {x_bar @ x_dot:.9f}")
assert np.isclose(y_bar @ y_dot, x_bar @ x_dot, rtol=1e-13)

# %% [markdown]
# ## Does it depend on our example?
#
# Here is the survey's function again, $y = \log x_1 + x_1 x_2 - \sin x_2$ at $(2, 5)$. *Both* inputs are used twice. **Before you look:** from which rows does
# each of them receive, and how much?

# %%
survey = adlib.trace(examples.survey, 2.0, 5.0)
print(f"gradient: {survey.gradient()[0]:.6f}, {survey.gradient()[1]:.6f};  by hand: {1 / 2 + 5:.6f}, {2 - np.cos(5.0):.6f}")
survey.adjoint()

# %% [markdown]
# Four contributions to the two inputs, none of them like another. It is the survey's table 3 (with two rows in the order in which Python runs them).
#
# ## This is backpropagation
#
# Call the output a *loss*. The inputs that we differentiate by are now the *weights*. What you have just done is then called backpropagation. Here is the smallest
# case. A neuron computes $\tanh(w_1 a_1 + w_2 a_2 + b)$. The data are four pairs $(a_1, a_2)$, each with a target $\tau$, and they stay as they are. The loss is
# $L = \sum (\tanh(w_1 a_1 + w_2 a_2 + b) - \tau)^2$.

# %%
data = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
targets = np.array([-1.0, 1.0, 1.0, 1.0])  # "at least one of them"


def loss(w, b):
    return np.sum((np.tanh(data @ w + b) - targets) ** 2)


w, b = np.array([0.5, -0.5]), 0.1
w_bar, b_bar = adlib.grad(loss, argnums=(0, 1))(w, b)
print(f"loss {loss(w, b):.6f}, gradient {np.round(w_bar, 6).tolist()} and {b_bar:.6f}")
adlib.check_grads(loss, (w, b))  # both modes against differences: silent if all agree

# %% [markdown]
# The gradient points uphill. Take a small step the other way, a tenth of it, and again, and the neuron learns.

# %%
for step in range(201):
    if step % 50 == 0:
        print(f"step {step:3}: loss {loss(w, b):.4f}")
    w_bar, b_bar = adlib.grad(loss, argnums=(0, 1))(w, b)
    w, b = w - 0.1 * w_bar, b - 0.1 * b_bar

# %% [markdown]
# A network is the same with more rows. Notebook 12 trains one.
#
# ## Step through it
#
# Try this:
#
# 1. Drag **step** to the left end, then press →. For eight steps only values appear. Which step turns round?
# 2. Go on. Before each press, say who hands on, and to whom.
# 3. Watch the row of $v_{-1}$. When does it receive first? How long does it wait for the second time?
# 4. Drag $x_1$ to $0.75$ and **step** to the right end, and look at which adjoints are lost.
# 5. Type `x1 * x1 + x2`. How often does $v_{-1}$ receive now, and from whom?

# %%
from adlib.viz.explorers import ReverseStepper

ReverseStepper()

# %% [markdown]
# *The edge over which an adjoint is handed on is lit, and its arrow points backwards. In the table the giver is grey, the
# receiver green; the sum shows everything that has arrived.*
#
# **What you should have seen.** The ninth step turns round: it sets $\bar v_6 = 1$, and all other adjoints are 0. $v_{-1}$ receives
# in the very next step, and again four steps after that. At $x_1 = 0.75$ the root has no value, so nothing that comes back through it
# has one either: not even $\bar v_0$, although $v_0$, $v_1$ and $v_2$ are perfectly ordinary numbers. In `x1 * x1 + x2`, $v_{-1}$
# receives twice from the same product, once for each factor.
#
# ## Exercises
#
# **1.** Somebody writes `backward` with `=` instead of `+=`, as above, and differentiates $x \cdot x$ at $x = 3$. What do they
# get? Work it out first.

# %% tags=["exercise"]
from adlib.lesson import exercises

answer = ...
exercises.check("07-1", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The product has two uses, and both are of the same $x$. What does each hand on? Which one stays?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
tape.clear()
x = Taped(3.0)
backward_assigning(x * x)
exercises.solution("07-1", x.bar)

# %% [markdown]
# **2.** Suppose a tape keeps values, and makes the local derivatives on the way back. Who the operands were it must keep, too. For one of these gates
# no value is needed. Which one?

# %% tags=["exercise"]
exercises.ask("07-2")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Write down the local derivatives of each. Which of them are the same wherever you are?
#
# </details>

# %% [markdown]
# **3.** Write the way back through a neuron with one weight and a squared error, $y = (\tanh(w x + b) - t)^2$, by hand. Return
# $\bar w$ and $\bar b$.


# %% tags=["exercise"]
def neuron_backward(w, b, x, t): ...


exercises.check("07-3", neuron_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# The rows are $p = w x$, $s = p + b$, $z = \tanh s$, $d = z - t$, $y = d^2$. Start with $\bar d = 2 d$ and go up. The derivative of
# $\tanh s$ is $1 - z^2$.
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def neuron_backward_solution(w, b, x, t):
    z = np.tanh(w * x + b)
    d_bar = 2 * (z - t)
    s_bar = d_bar * (1 - z**2)
    return s_bar * x, s_bar


exercises.solution("07-3", neuron_backward_solution)

# %% [markdown]
# ## Take away
#
# 1. Reverse mode runs the program once, keeps its values, and walks back: every row hands its adjoint, times a local derivative,
#    to its operands.
# 2. Adjoints start at 0 and are only ever added to. The order is reverse topological, and the tape's own order is one.
# 3. One pass gives the derivative of one output by *all* inputs. With a loss as the output, this is backpropagation.
#
# **Left out on purpose:** what the tape costs, and how to keep less of it (notebook 11); gates with a way back of their own
# (notebook 13); derivatives of gradients (notebook 14).
#
# **Where it comes from:**
# S. Linnainmaa, [Taylor expansion of the accumulated rounding error](https://doi.org/10.1007/BF01931367), BIT 16, 1976
# (the reverse sweep of his thesis of 1970; others found it at about the same time, see Griewank 2012).
# B. Speelpenning, *Compiling fast partial derivatives of functions given by algorithms*, PhD thesis, University of Illinois, 1980 (the
# product with many inputs).
# D. E. Rumelhart, G. E. Hinton, R. J. Williams, [Learning representations by back-propagating errors](https://doi.org/10.1038/323533a0),
# Nature 323, 1986.
# A. Griewank, [Who invented the reverse mode of differentiation?](https://doi.org/10.4171/DMS/6/38), Documenta
# Mathematica, Extra Volume ISMP, 2012.
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008,
# section 3.2.
# A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind,
# [Automatic differentiation in machine learning: a survey](https://jmlr.org/papers/v18/17-468.html), JMLR 18(153), 2018.
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Next: [11 Cost](11_cost.ipynb) · Previous: [06 Dual numbers](06_dual_numbers.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
