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
# # Custom gates
#
# After this page you can teach the engine an operation that it does not know, and find out whether you taught it right.
#
# *Prerequisites:* reverse mode ([07](07_reverse_mode.ipynb)). *Time:* 40 minutes.
#
# Previous: [12 A toy neural network](12_toy_neural_network.ipynb) · Next: [14 Higher order](14_higher_order.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## The record is made as the code runs
#
# Here is how Heron of Alexandria took square roots: start somewhere, and average $x$ with $a/x$ until $x^2$ is close enough to $a$.
# The code has a `while`. How long it runs depends on the input.

# %%
import math

import numpy as np

import adlib


def heron(a):
    x = a
    while abs(x * x - a) > 1e-9 * a:
        x = (x + a / x) / 2
    return x


# %% [markdown]
# No graph was drawn in advance. The numbers keep a record while the code runs, as in notebook 07. So the graph is
# *dynamic*: each call makes its own. **Before you read on:** will the record be longer for $a = 2$ or for $a = 100$?

# %%
for a in (2.0, 100.0):
    value, slope = adlib.value_and_grad(heron)(a)
    print(f"a = {a:3.0f}: {len(adlib.trace(heron, a)):2} rows, √a = {value:.6f}, derivative {slope:.6f}")
    assert np.isclose(slope, 1 / (2 * math.sqrt(a)), rtol=1e-6)

# %% [markdown]
# Heron starts at $a$ itself, and $100$ is farther from its root. Both derivatives are right: $1/(2\sqrt a)$. Nobody told
# the engine about loops. It only ever saw the gates that ran.
#
# **The article concludes that automatic differentiation is "not limited in any form".** Is it? What will the next cell print,
# for $a = 1$? The true derivative is $\frac12$.

# %%
value, slope = adlib.value_and_grad(heron)(1.0)
print(f"a = 1: {len(adlib.trace(heron, 1.0))} rows, √a = {value:.6f}, derivative {slope:.6f}")

# %% [markdown]
# The value is right, and the derivative is wrong. At $a = 1$ the start is already the root, so the loop never runs. (The rows
# are the input and the arithmetic of the `while` condition.) What ran is `x = a; return x`, and its derivative *is* 1. **The trace holds for the branch that was taken, and for
# nothing else.** If that branch agrees with the function at a single point only, its derivative may be anything.
#
# There is a second limit. The operations met must be *known*, and differentiable where they are met. Here is one that NumPy does not
# have, the error function from Python's `math`:

# %%
try:
    adlib.grad(lambda x: x * math.erf(x))(0.5)
except TypeError as error:
    print(error)

# %% [markdown]
# An engine that does not know an operation should say so. Then it is your turn. (The article wants a `backward()` for every "non-trivial" operation. That is
# too much: only what the library does not know needs one. Whatever is composed of known gates has its derivative already.)
#
# ## What a gate needs
#
# Notebook 07 built a reverse-mode engine in a few lines. Each use of an operand was noted with the local derivative, a
# number. Here is the same engine with one change: instead of the number it notes a **rule**, a function that maps the
# adjoint of the result to the adjoint of the operand.

# %%
tape = []


class Taped:
    def __init__(self, value, *uses):
        self.value, self.uses, self.bar = value, uses, 0.0
        tape.append(self)

    def __mul__(self, other):
        return Taped(self.value * other.value, (self, lambda g: g * other.value), (other, lambda g: g * self.value))


def backward(y):
    y.bar = 1.0
    for node in reversed(tape):
        for operand, rule in node.uses:
            operand.bar += rule(node.bar)


# %% [markdown]
# **What has to be said to make a new gate?** How to compute its value, and its rule. The rule may look at the operand and at the
# result. Nothing else in the engine has to change:


# %%
def gate(value, rule):
    def gated(x):
        out = value(x.value)
        return Taped(out, (x, lambda g: rule(g, out, x.value)))

    return gated


erf = gate(math.erf, lambda g, out, x: g * 2 / math.sqrt(math.pi) * math.exp(-x * x))

x = Taped(0.5)
backward(x * erf(x))
print(f"derivative of x·erf(x) at 0.5: {x.bar:.9f}")

# %% [markdown]
# In `adlib` it is the same two things. The value is a plain function under `@custom_gate`. It is called with plain numbers, so it
# may use whatever it likes. The rule is written in NumPy.


# %%
@adlib.custom_gate
def erf(x):
    return math.erf(x)


@erf.backward
def erf_backward(g, out, x):
    return g * 2 / np.sqrt(np.pi) * np.exp(-(x**2))


slope = adlib.grad(lambda x: x * erf(x))(0.5)
print(f"derivative of x·erf(x) at 0.5: {slope:.9f}")
assert np.isclose(slope, x.bar, rtol=1e-14)
adlib.trace(lambda x: x * erf(x), 0.5).adjoint()

# %% [markdown]
# The gate has a row of its own, under its own name. Nothing of what happens inside is on the record.
#
# ## One rule is enough
#
# We gave a rule for reverse mode. **Does forward mode work now? Do second derivatives?**

# %%
_, tangent = adlib.jvp(erf, (0.5,), (1.0,))
second = adlib.grad(adlib.grad(erf))(0.5)
print(f"forward mode:      {tangent:.9f}")
print(f"second derivative: {second:.9f}   by hand −2x·erf′(x): {-2 * 0.5 * tangent:.9f}")
assert np.isclose(second, -tangent, rtol=1e-14)
adlib.check_grads(erf, (0.5,), order=2)

# %% [markdown]
# Both do. The second derivative comes from differentiating the *rule*: it is made of gates that are known. The first answer
# is more of a surprise. A backward rule is the map $\bar y \mapsto J^\mathsf{T} \bar y$, and it is linear. Forward mode needs
# $\dot x \mapsto J \dot x$, its transpose. And what is reverse mode? It transposes linear functions. So `adlib` runs reverse mode *on the
# rule*. A forward rule can be given too, with `@erf.forward`. Alone, it serves both modes as well.
#
# PyTorch has the same idea under the name `torch.autograd.Function`. Beside each other:
#
# | PyTorch | `adlib` |
# |---|---|
# | `forward(ctx, x)`: the value | the function under `@custom_gate` |
# | `backward(ctx, g)` | `@gate.backward`, called as `(g, out, x)` |
# | `jvp(ctx, x_dot)` | `@gate.forward`, called as `((x_dot,), out, x)` |
# | `ctx.save_for_backward(...)` | operands and result are handed to the rule; `saves=True` for more |
# | `Function.apply(x)` | `gate(x)` |
#
# Mind the word *forward*. In PyTorch it means the forward *pass*, the value. Here it means forward *mode*.
#
# When does one need a gate of one's own? An unknown operation was the first case. Here are two more.
#
# ## When the whole is better than its parts
#
# $\operatorname{softplus}(x) = \log(1 + e^x)$ is a smooth version of $\max(x, 0)$. Both gates in it are known. For $x = 1000$ the answer is 1000
# to all digits, and the slope is 1. **What will the computer say?**


# %%
def naive(x):
    return np.log(1 + np.exp(x))


with np.errstate(over="ignore"):  # it does overflow, and that is the point
    value, slope = adlib.value_and_grad(naive)(1000.0)
print(f"softplus(1000) = {value}, derivative {slope}")

# %% [markdown]
# $e^{1000}$ is too large for a float. The derivative is $\frac{1}{1 + e^x} \cdot e^x$, which becomes $0 \cdot \infty$, and that is `nan`. Every
# gate did what it should, and the result is useless.
#
# For the *value* there is a well-known remedy: $\log(1 + e^x) = \max(x, 0) + \log(1 + e^{-|x|})$, where nothing overflows. Does it
# mend the derivatives?


# %%
def rewritten(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


for x in (-1000.0, 0.0, 1000.0):
    first = adlib.grad(rewritten)(x)
    second = adlib.grad(adlib.grad(rewritten))(x)
    print(f"x = {x:5.0f}: value {rewritten(x):9.4f}, first {first:.4f}, second {abs(second):.4f}")  # abs: no -0.0

# %% [markdown]
# Nearly. One number in this table is wrong. **Which?** Softplus bends most at 0, where its second derivative is $\frac14$. But
# $\max(x, 0)$ and $|x|$ both have a kink there. In the sum the kinks cancel, but each part
# answers by a convention of its own: ½ for the maximum, 0 for $|x|$. Both are the middle between the slopes left and right, and the slope of
# softplus lies there, too. So the first derivative comes out right, by symmetry. The second does not: the conventions say nothing about a bend.
#
# So make it one gate. Its derivative is $e^x / (1 + e^x) = e^{x - \operatorname{softplus}(x)}$, and the result is at hand:


# %%
@adlib.custom_gate
def softplus(x):
    return rewritten(x)


@softplus.backward
def softplus_backward(g, out, x):
    return g * np.exp(x - out)


for x in (-1000.0, 0.0, 1000.0):
    first, second = adlib.grad(softplus)(x), adlib.grad(adlib.grad(softplus))(x)
    print(f"x = {x:5.0f}: value {softplus(x):9.4f}, first {first:.4f}, second {second:.4f}")
adlib.check_grads(softplus, (np.linspace(-3, 3, 7),), order=3)
print(f"rows on the tape: {len(adlib.trace(softplus, 1.0))}, from its parts: {len(adlib.trace(rewritten, 1.0))}")

# %% [markdown]
# All right, to third order, at the kink of the parts too. And the tape is shorter: one row for the operand and one for the result,
# instead of one for each part.
#
# ## When the value is the answer to an equation
#
# For each $\theta$ near 1 there is one $x$ with $x = \cos(\theta x)$. There is no formula for it, but there is a loop:


# %%
def unrolled(theta, turns=100):
    x = 1.0
    for _ in range(turns):
        x = np.cos(theta * x)
    return x


first = adlib.grad(unrolled)
print(f"x = {unrolled(1.0):.9f}, {len(adlib.trace(unrolled, 1.0))} rows on the tape")
print(f"dx/dθ = {first(1.0):.9f}, d²x/dθ² = {adlib.grad(first)(1.0):.9f}")

# %% [markdown]
# That works. But the tape holds every turn of the loop. The value does not need them: any start leads to the same $x$. **Is there a way to the derivative that
# forgets how $x$ was found?**
#
# The equation itself. It holds for every $\theta$, so both sides have the same derivative:
#
# $$x = \cos(\theta x) \quad\Rightarrow\quad x' = -\sin(\theta x)\,(x + \theta x') \quad\Rightarrow\quad
# x' = -\frac{x \sin(\theta x)}{1 + \theta \sin(\theta x)}$$
#
# This is **implicit differentiation**. It needs the solution, which the rule gets as `out`, and nothing else.


# %%
@adlib.custom_gate
def solved(theta):
    x, last = 1.0, 0.0
    while abs(x - last) > 1e-15:
        x, last = math.cos(theta * x), x
    return x


@solved.backward
def solved_backward(g, out, theta):
    s = np.sin(theta * out)
    return -g * out * s / (1 + theta * s)


slope, bend = adlib.grad(solved)(1.0), adlib.grad(adlib.grad(solved))(1.0)
print(f"x = {solved(1.0):.9f}, {len(adlib.trace(solved, 1.0))} rows on the tape")
print(f"dx/dθ = {slope:.9f}, d²x/dθ² = {bend:.9f}")
assert np.allclose((slope, bend), (first(1.0), adlib.grad(first)(1.0)), rtol=1e-9)

# %% [markdown]
# The same numbers, with one gate on the tape. The second derivative is right because the rule uses `out`. When the rule is differentiated,
# `out` is a tracked value that came from $\theta$ through this very gate, so the engine applies the rule once more.
#
# And if the loop had stopped earlier? Ask how many turns it takes until each number has six digits.

# %%
from adlib.viz import figures
from adlib.viz.figures.custom import solver_errors

for name, error in solver_errors(100).items():
    print(f"{name:6}: {np.argmax(error < 1e-6) + 1} turns")

# %%
figures.show("solver-derivatives")

# %% [markdown]
# *How far off the loop's value and its derivatives are, turn by turn. The derivatives are those of the loop as it ran.*
#
# A loop that stops when its *value* has settled has derivatives that have not. Heron at $a = 1$ was the extreme case: zero turns, a perfect value,
# and the derivative of the first guess. The implicit rule has no such lag.
#
# It need not be worked out by hand either. If $F(x, \theta) = 0$, then $x' = -F_\theta / F_x$, wherever $F_x \ne 0$, and `adlib` has both. So here is a gate for
# such equations. (It has to find the solution, too: by Newton's method, from 1. Where that does not arrive, the gate says so.) What stands behind the `*` is a fixed
# parameter, which may be a function.


# %%
@adlib.custom_gate
def root_of(theta, *, F):
    x = 1.0
    for _ in range(50):  # Newton's method
        x = x - F(x, theta) / adlib.grad(F)(x, theta)
    if not abs(F(x, theta)) < 1e-9:
        raise ValueError(f"Newton's method found no solution from 1: it ended at {x}")
    return x


@root_of.backward
def root_of_backward(g, out, theta, *, F):
    F_x, F_theta = adlib.grad(F, argnums=(0, 1))(out, theta)
    return -g * F_theta / F_x


# %%
def cosine(theta):
    return root_of(theta, F=lambda x, theta: x - np.cos(theta * x))


def square_root(a):
    return root_of(a, F=lambda x, a: x * x - a)


print(f"dx/dθ = {adlib.grad(cosine)(1.0):.9f}, d²x/dθ² = {adlib.grad(adlib.grad(cosine))(1.0):.9f}")
print(f"√a at a = 1: derivative {adlib.grad(square_root)(1.0):.6f}")
adlib.check_grads(cosine, (1.0,), order=2)

# %% [markdown]
# Heron's wrong number is mended. Newton starts at the root and does not move; the derivative no longer cares.
#
# ## When the rule is wrong
#
# A rule of your own is a promise. Nobody checks it, unless you do. Here is the gate $x \sin 2x$. Its rule was written by somebody who
# forgot that a product has two terms:


# %%
@adlib.custom_gate
def wave(x):
    return x * np.sin(2 * x)


@wave.backward
def wave_backward(g, out, x):
    return g * 2 * x * np.cos(2 * x)


def model(x):
    return np.sum(np.tanh(wave(x)) * softplus(x))


# %%
def descend(steps):
    x = np.array([1.0, 2.0])
    for _ in range(steps):
        x = x - 0.1 * adlib.grad(model)(x)
    return round(float(model(x)), 4)


print("gradient:", np.round(adlib.grad(model)(np.array([0.3, -0.8])), 6).tolist())
print("after 0, 10, 100 and 1000 steps downhill:", *map(descend, (0, 10, 100, 1000)))

# %% [markdown]
# It runs. It gives numbers. They are wrong, and yet a descent comes down with them, and comes to rest. **How would you
# find out?** The value function is right, and difference quotients need nothing else:

# %%
try:
    adlib.check_grads(model, (np.array([0.3, -0.8]),))
except AssertionError as error:
    numbers, *advice = str(error).splitlines()
    print(numbers.partition(" ±")[0], *advice, sep="\n")

# %% [markdown]
# The message says how far off, in which mode, and who did it: each custom gate on the way was checked by itself, at the numbers it
# got there, and `wave` failed. `softplus` did not. (Both modes are off because one rule serves both.) With the second term the check
# is silent:


# %%
@wave.backward
def wave_backward(g, out, x):
    return g * (np.sin(2 * x) + 2 * x * np.cos(2 * x))


adlib.check_grads(model, (np.array([0.3, -0.8]),), order=2)
print("gradient:", np.round(adlib.grad(model)(np.array([0.3, -0.8])), 6).tolist())
print("after 0, 10, 100 and 1000 steps downhill:", *map(descend, (0, 10, 100, 1000)))

# %% [markdown]
# With the right rule the descent is faster, and it comes lower. The wrong one had come to rest beside the lowest point.
#
# ## Plant a bug
#
# In the explorer, the mistake is your choice, and so is the point at which the check looks.
#
# 1. Drag **x** slowly from end to end. Where is the wrong rule nearly right?
# 2. Set **x** to 0. What does the check say?
# 3. Stay at 0, and go through all the mistakes. What do you conclude?
# 4. Choose *wrong argument*, which writes `out` for `x` in one place. Drag **x** from $-0.5$ to $0.5$. Would you have seen this by eye?

# %%
from adlib.viz.explorers import GradientCheckExplorer

GradientCheckExplorer()

# %% [markdown]
# *Above: what the rule claims, and what central differences measure. Below: how far the two are apart. The words are those of `check_grads`,
# asked at that point. It multiplies both sides by the same number, whose sign is random.*
#
# **What you should have seen.** Every wrong rule meets the true derivative at some points, and at 0 all of them do: there, both terms
# vanish, and so does each mistake. A check at 0 is silent for all four. The wrong argument is hardly visible near 0, yet
# the check objects at once, because it looks at the sixth digit.
#
# So: check at random points, never only at 0 or 1, and at more than one. Check second order if you will use it.

# %%
figures.show("gradient-check")

# %% [markdown]
# *Four wrong rules. In the circles no check can see them.*
#
# ## Exercises
#
# **1.** Softplus has a big sister, $\operatorname{logsumexp}(x) = \log \sum_i e^{x_i}$, of an array. Write its backward rule: `g` and `out` are
# numbers, `x` is an array. It must not overflow.


# %% tags=["exercise"]
from adlib.lesson import exercises


def logsumexp_backward(g, out, x): ...


exercises.check("13-1", logsumexp_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# $\partial\,\mathrm{out}/\partial x_i = e^{x_i} / \sum_j e^{x_j}$. What is the denominator, in terms of `out`?
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
@adlib.custom_gate
def logsumexp(x):
    return np.max(x) + np.log(np.sum(np.exp(x - np.max(x))))


@logsumexp.backward
def logsumexp_backward_solution(g, out, x):
    return g * np.exp(x - out)


adlib.check_grads(logsumexp, (np.array([0.3, -1.0, 2.0]),), order=2)
there = np.round(adlib.grad(logsumexp)(np.array([1000.0, 1000.0, 0.0])), 6).tolist()
exercises.solution("13-1", logsumexp_backward_solution, f"at (1000, 1000, 0): {there}")

# %% [markdown]
# **2.** A gate returns the $x$ that solves $x^3 + x = \theta$. Write its backward rule.


# %% tags=["exercise"]
def cubic_backward(g, out, theta): ...


exercises.check("13-2", cubic_backward)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Differentiate both sides by $\theta$: $(3x^2 + 1)\,x' = 1$. Where is $x$?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("13-2", lambda g, out, theta: g / (3 * out**2 + 1))

# %% [markdown]
# **3.** The rule for $x \sin 2x$ with the missing term passes the check at $x = 0$. What is the smallest *positive* $x$ at which it
# passes, too?

# %% tags=["exercise"]
answer = ...
exercises.check("13-3", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Which term is missing? Where is it 0?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("13-3", np.pi / 2)

# %% [markdown]
# **4.** A solver gate notes its solution in a Python variable, and its backward rule uses that number instead of `out`. A program calls
# the gate **twice** before it goes back: `gate(θ) * gate(1.5 * θ)`. Which derivatives by $\theta$ come out wrong, the first, the second or both?

# %% tags=["exercise"]
exercises.ask("13-4")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Both calls are over when the way back begins. What does the variable hold then? And when the rule itself is differentiated: what does the
# engine know about `out`, and about the number in the variable?
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
noted = {}


@adlib.custom_gate
def noting(theta):
    noted["x"] = solved(theta)
    return noted["x"]


noting.backward(lambda g, out, theta: solved_backward(g, noted["x"], theta))


def derivatives(program):
    first = adlib.grad(program)
    return f"first {first(0.6):+.6f}, second {adlib.grad(first)(0.6):+.6f}"


lines = (
    f"called once,  out:   {derivatives(solved)}",
    f"called once,  noted: {derivatives(noting)}",
    f"called twice, out:   {derivatives(lambda t: solved(t) * solved(1.5 * t))}",
    f"called twice, noted: {derivatives(lambda t: noting(t) * noting(1.5 * t))}",
)
exercises.solution("13-4", "both", *lines)

# %% [markdown]
# ## Take away
#
# 1. The record is made as the code runs, so loops and branches need no rule of their own. It holds for what ran, and every operation on it must be known.
# 2. A gate is a value and a rule. Make one for what the table lacks, for what its parts compute badly, and for what a solver finds.
# 3. A rule is a promise: `check_grads`, at random points, holds you to it.
#
# **Left out on purpose:** gates with several results (stack them into one array); rules that lie on purpose, such as gradient clipping; what
# `saves=True` is for, which its docstring says, and why `adlib` then refuses second derivatives: exercise 4 shows what it saves you from.
#
# **Where it comes from:**
# PyTorch, [Extending torch.autograd](https://docs.pytorch.org/docs/stable/notes/extending.html).
# JAX, [Custom derivative rules](https://docs.jax.dev/en/latest/notebooks/Custom_derivative_rules_for_Python_code.html).
# J. Townsend, [A new trick for calculating Jacobian vector products](https://j-towns.github.io/2017/06/12/A-new-trick.html), 2017 (forward mode from
# reverse mode).
# A. Radul, A. Paszke, R. Frostig, M. J. Johnson, D. Maclaurin, [You only linearize once](https://doi.org/10.1145/3571236), POPL 2023
# (one rule is enough).
# J. C. Gilbert, [Automatic differentiation and iterative processes](https://doi.org/10.1080/10556789208805503), Optimization Methods and
# Software 1, 1992 (the derivatives of a loop arrive).
# B. Christianson, [Reverse accumulation and attractive fixed points](https://doi.org/10.1080/10556789408805572), Optimization Methods and
# Software 3, 1994.
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008,
# chapter 15.
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Next: [14 Higher order](14_higher_order.ipynb) · Previous: [12 A toy neural network](12_toy_neural_network.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
