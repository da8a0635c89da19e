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
# # Higher order
#
# After this page you can differentiate a derivative, say why nested derivatives need tags, and use curvature without
# ever writing down a Hessian.
#
# *Prerequisites:* forward mode ([05](05_forward_mode.ipynb)), reverse mode ([07](07_reverse_mode.ipynb)), matrices times
# vectors, eigenvalues. *Time:* 35 minutes.
#
# Previous: [13 Custom gates](13_custom_gates.ipynb) · Next: [15 Pitfalls](15_pitfalls.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## The derivative is a function, too
#
# The article stops at the first derivative. But `adlib.grad(f)` is a Python function that computes with NumPy, as `f` is.
#
# **Before you read on:** what should happen if you differentiate that function?

# %%
import numpy as np

import adlib


def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


slope = adlib.grad(f, argnums=1)
curvature = adlib.grad(slope, argnums=1)
print(f"∂f/∂x₂   = {slope(3.0, 0.5):.9f}")
print(f"∂²f/∂x₂² = {curvature(3.0, 0.5):.9f}")

# %% [markdown]
# There is no new machinery. The inner derivative call computes with tracked numbers of the outer one. Let us be sure
# that it is right: how much does the slope change when $x_2$ does?

# %%
h = 1e-5
measured = (slope(3.0, 0.5 + h) - slope(3.0, 0.5 - h)) / (2 * h)
print(f"measured   {measured:.6f}")
assert np.isclose(measured, curvature(3.0, 0.5), rtol=1e-8)

# %% [markdown]
# ## What can go wrong: two derivatives that are taken for one
#
# Nesting looks harmless. Here is a small trap. Write $D(g, a)$ for the derivative of $g$ at $a$. What is
#
# $$D\bigl(x \mapsto x \cdot D(y \mapsto x + y,\ 1),\ 1\bigr)\,?$$
#
# **Work it out on paper.** The inner function of $y$ is $x + y$. Its derivative by $y$ is 1, whatever $x$ is. So the outer
# function is $x \cdot 1$, and the answer is 1.
#
# Now let numbers do it that carry a rate, as in notebook 05:


# %%
class Moving:
    """A number, and the rate at which it moves."""

    def __init__(self, value, rate): self.value, self.rate = value, rate
    def __add__(self, other): return Moving(self.value + other.value, self.rate + other.rate)

    def __mul__(self, other):
        other = other if isinstance(other, Moving) else Moving(other, 0.0)
        return Moving(self.value * other.value, self.rate * other.value + self.value * other.rate)


def D(g, a):
    return g(Moving(a, 1.0)).rate


print("without tags:", D(lambda x: x * D(lambda y: x + y, 1.0), 1.0))

# %% [markdown]
# It says 2. **Which line is wrong?** None, taken alone. The inner $D$ asks: how fast does $x + y$ move when $y$ moves? But $x$
# arrives with a rate of its own, 1, which belongs to the *outer* question. The sum adds both rates. This is
# **perturbation confusion**.
#
# The cure is to say which derivative call a rate belongs to. Each call gets a **tag**. A number with an older tag is a
# constant to a newer call, even if it carries a rate.


# %%
class Tagged:
    """A value and a rate, both of which may be Tagged by an older call."""

    def __init__(self, value, rate, tag): self.value, self.rate, self.tag = value, rate, tag
    def __add__(self, other): return combine(self, other, lambda a, b: a + b, lambda a, b: (1.0, 1.0))
    def __radd__(self, other): return self + other
    def __mul__(self, other): return combine(self, other, lambda a, b: a * b, lambda a, b: (b, a))
    def __rmul__(self, other): return self * other


def combine(a, b, value, partials):
    tag = max(getattr(a, "tag", 0), getattr(b, "tag", 0))
    mine = lambda x: getattr(x, "tag", 0) == tag
    (u, du), (v, dv) = ((x.value, x.rate) if mine(x) else (x, 0.0) for x in (a, b))
    pu, pv = partials(u, v)
    return Tagged(value(u, v), pu * du + pv * dv, tag)


# %%
tags = iter(range(1, 1000))


def D_tagged(g, a):
    tag = next(tags)
    out = g(Tagged(a, 1.0, tag))
    return out.rate if getattr(out, "tag", 0) == tag else 0.0


print("with tags:   ", D_tagged(lambda x: x * D_tagged(lambda y: x + y, 1.0), 1.0))
print("x·D(x·y):    ", D_tagged(lambda x: x * D_tagged(lambda y: x * y, 1.0), 4.0))

# %% [markdown]
# The second line is $x \cdot x$, differentiated at 4: 8. In `adlib` every derivative call has its own level, in
# forward and in reverse mode, so it does not matter who nests what:


# %%
def D_forward(g, a): return adlib.jvp(g, (a,), (1.0,))[1]
def D_reverse(g, a): return adlib.grad(g)(a)


def confusing(outer, inner):
    return outer(lambda x: x * inner(lambda y: x + y, 1.0), 1.0)


for outer in (D_forward, D_reverse):
    for inner in (D_forward, D_reverse):
        print(f"{outer.__name__} of {inner.__name__}: {confusing(outer, inner)}")
        assert confusing(outer, inner) == 1.0

# %% [markdown]
# *(A fine point, to be skipped at first.)* Is a tag for each call enough? **Not if a function returns a function.** Write a shift as
# $u \mapsto (h \mapsto (x \mapsto h(x + u)))$. Its derivative at $u = 0$ takes $h$ to $h'$: it is differentiation itself, made by *one* call. Used
# twice on $x^3$ it should give $6x$, which is 18 at 3.


# %%
def shift(u): return lambda h: lambda x: h(x + u)
def cube(x): return x * x * x


def rate_of(out, tag):
    if callable(out):  # the rate of a function: that of whatever it will return
        return lambda x: rate_of(out(x), tag)
    return out.rate if getattr(out, "tag", 0) == tag else 0.0


tag = next(tags)
slope = rate_of(shift(Tagged(0.0, 1.0, tag)), tag)
print("one call, one tag:          once", slope(cube)(3.0), " twice", slope(slope(cube))(3.0))
anew = lambda h: lambda x: D_tagged(lambda u: h(x + u), 0.0)
print("a call and a tag each time: once", anew(cube)(3.0), " twice", anew(anew(cube))(3.0))

# %% [markdown]
# With one tag, both derivatives are taken for one again, and the answer is a quiet 0 (Manzyuk and others, 2019). So a derivative in `adlib` must come back
# as numbers. A function that comes back would still carry the tag of a call that has ended, and `adlib` refuses it:

# %%
try:
    D_forward(shift, 0.0)
except TypeError as error:
    print(error)

# %% [markdown]
# ## The Hessian, four ways
#
# With $m$ inputs there are $m^2$ second derivatives, the matrix $H$ with $H_{ij} = \partial^2 f/\partial x_i \partial x_j$. It is the
# Jacobian of the gradient, and both can be had in either mode. **Predict:** which of the four answers will differ?


# %%
def at(p):
    return f(p[0], p[1])


p = np.array([3.0, 0.5])
for outer in ("forward", "reverse"):
    for inner in ("forward", "reverse"):
        H = adlib.jacobian(adlib.jacobian(at, mode=inner), mode=outer)(p)
        print(f"{outer} over {inner}:", np.round(H, 9).tolist())
        assert np.allclose(H, adlib.hessian(at)(p), rtol=1e-12)

# %% [markdown]
# None. They differ in what they cost. **Predict the order:** count all operations, for 10 inputs and for 40.

# %%
from adlib.study.cost import operations, tape_size


def counted(x):
    return np.sum(x**3) * np.prod(x)


for outer in ("forward", "reverse"):
    for inner in ("forward", "reverse"):
        H = adlib.jacobian(adlib.jacobian(counted, mode=inner), mode=outer)
        few, many = (operations(H, np.linspace(0.5, 1.5, m)) for m in (10, 40))
        print(f"{outer} over {inner}: {few:6,} operations with 10 inputs, {many:8,} with 40")
tapes = [tape_size(g, np.linspace(0.5, 1.5, 10)).nodes for g in (counted, adlib.grad(counted))]
print(f"rows on the tape of f: {tapes[0]}, on the tape of its gradient: {tapes[1]}")

# %% [markdown]
# With forward mode inside, each value carries $m$ tangents (notebook 11), and all of them are differentiated. A reverse pass gives all $m$ first derivatives for a few
# times the work of $f$: here the two rows *over reverse* do about half of the work with 10 inputs, and a third or less with 40. Reverse over reverse walks back over a tape that holds the
# whole way back, too. Forward over reverse keeps the short tape. That is why `adlib.hessian` nests that way.
#
# ## $H$ times a vector, without $H$
#
# With a million parameters $H$ has $10^{12}$ entries. Nobody can store it, and seldom does anybody want it. What methods
# want is $Hv$ for some direction $v$: *how does the gradient change if I step this way?*
#
# **Which tool answers "how does … change in this direction" in a single pass?** Forward mode. Apply it to the gradient:


# %%
def hessian_times(f, x, v):
    return adlib.jvp(adlib.grad(f), (x,), (v,))[1]


from adlib.lesson.examples import speelpenning


def rosenbrock(x):
    return 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2


x, v = np.array([-1.2, 1.0]), np.array([1.0, 2.0])
print("H v, one pass:  ", np.round(hessian_times(rosenbrock, x, v), 9).tolist())
print("H, then times v:", np.round(adlib.hessian(rosenbrock)(x) @ v, 9).tolist())

# %% [markdown]
# Now with a hundred thousand inputs. $H$ would have ten billion entries. For Speelpenning's product
# $y = x_1 x_2 \cdots x_n$ all of them are known, so we can check: $H_{ij} = y/(x_i x_j)$ off the diagonal, and 0 on it.

# %%
n = 100_000
x = np.exp(np.sin(np.arange(n)) / n)
v = np.cos(np.arange(n))
product = adlib.hvp(np.prod, (x,), (v,))
by_formula = speelpenning(x) * (np.sum(v / x) / x - v / x**2)
print(f"{len(product):,} entries of H v; the first three: {np.round(product[:3], 6).tolist()}")
print(f"by formula,                  the first three: {np.round(by_formula[:3], 6).tolist()}")
assert np.allclose(product, by_formula, rtol=1e-9, atol=1e-10)

# %% [markdown]
# ## What curvature is good for
#
# Gradient descent knows how steep the ground is, not how soon it bends. So somebody has to choose a step length. With the
# Hessian we know the bend, too. Near $p$ the function looks like
#
# $$q(d) = f(p) + \nabla f(p) \cdot d + \tfrac12\, d \cdot H d.$$
#
# If $q$ bends upwards in every direction ($H$ is *positive definite*: all its eigenvalues are positive), it is a bowl with its lowest point at $d = -H^{-1} \nabla f(p)$.
# **Newton's method** jumps there, and repeats. The valley of Rosenbrock's function, $100\,(x_2 - x_1^2)^2 + (1 - x_1)^2$, is curved and narrow, so descent has a hard time in it:

# %%
gradient, hessian = adlib.grad(rosenbrock), adlib.hessian(rosenbrock)
start = np.array([-1.2, 1.0])

p = start
for k in range(7):
    print(f"Newton, step {k}:  ({p[0]:8.5f}, {p[1]:8.5f})   f = {rosenbrock(p):.1e}")
    p = p - np.linalg.solve(hessian(p), gradient(p))

p = start
for k in range(10_001):
    if k in (10, 100, 1000, 10_000):
        print(f"descent, step {k:5}: ({p[0]:8.5f}, {p[1]:8.5f})   f = {rosenbrock(p):.1e}")
    p = p - 1e-3 * gradient(p)

# %% [markdown]
# Look at Newton's second step: $f$ went *up*, from 4.7 to 1400. The model was good near the point, and the jump was long.
# Real programs shorten such jumps. Six steps in the end, against more than ten thousand.

# %%
from adlib.viz import figures

figures.show("two-ways-down")

# %% [markdown]
# *The dotted ellipse is a level line of the quadratic model; its centre is where Newton's method jumps first.*
#
# Why was the rate 0.001? Along an axis of the bowl with curvature $\lambda$, a step of rate $r$ multiplies the distance to the
# bottom by $1 - r\lambda$. For that not to grow, $r$ must be below $2/\lambda$, for the *largest* curvature:

# %%
bends = np.linalg.eigvalsh(hessian(np.array([1.0, 1.0])))
print(f"curvatures at the bottom: {bends[0]:.3f} and {bends[1]:.1f};  2/λ = {2 / bends[1]:.6f}")

# %% [markdown]
# And the *smallest* curvature then decides how slow it is. Their ratio, the condition number, is what makes the valley hard.
#
# ## Walk down yourself
#
# 1. In the valley, drag **learning rate** up. Where does descent begin to jump from wall to wall?
# 2. Choose *a bowl*, and drag the start about. How many steps does Newton's method take, and why?
# 3. Set **steps** to 60. Find the largest rate that still comes down in the bowl. Does $2/\lambda$ predict it?
# 4. Choose *a saddle between two hollows*, and start near the middle, at $(0.5, 0.3)$. Where does each method end?

# %%
from adlib.viz.explorers import CurvatureExplorer

CurvatureExplorer()

# %% [markdown]
# *Left: level lines, the model's level line through the start, both walks. Right: the length of the gradient after each step.*
#
# **What you should have seen.** In the bowl the model *is* the function, so Newton's method needs a single step. The cell below asks for the bowl's
# largest curvature, and where descent ends on both sides of $2/\lambda$. Between the hollows the curvature
# has two signs, the ellipse becomes a hyperbola, and Newton's method runs to its centre: a *saddle*, no minimum at all. It solves
# $\nabla f = 0$ and does not ask in which direction is down.

# %%
from adlib.viz.drawings.curvature import bowl

largest = np.linalg.eigvalsh(adlib.hessian(bowl)(np.zeros(2)))[-1]
print(f"largest curvature {largest:g}, 2/λ = {2 / largest:g}")
for rate in (0.19, 0.21):
    p = np.array([1.5, 1.0])
    for _ in range(100):
        p = p - rate * adlib.grad(bowl)(p)
    print(f"after 100 steps with rate {rate}: f = {bowl(p):.1e}")

# %% [markdown]
# ## Higher still
#
# Nest $k$ derivatives and you have the $k$-th. For the logistic map's fourth iterate $l_4$ at $0.2$, where all numbers are known:

# %%
from adlib.lesson.examples import logistic


def derivative(g):
    return lambda x: adlib.jvp(g, (x,), (1.0,))[1]


g = logistic
for k in range(1, 5):
    g = derivative(g)
    print(f"derivative {k}: {g(0.2):.6f}")

# %% [markdown]
# Each nesting doubles the work or more: a product of two pairs is three products. **What would do less?** Do not carry a pair; carry
# the beginning of a Taylor series. Two series multiply as two polynomials do:


# %%
class Series:
    """The first coefficients of a Taylor series: c₀ + c₁ t + c₂ t² + …"""

    def __init__(self, c): self.c = np.asarray(c, float)
    def __rsub__(self, number): return Series(np.eye(len(self.c))[0] * number - self.c)

    def __mul__(self, other):
        other = other.c if isinstance(other, Series) else [other]
        return Series(np.convolve(self.c, other)[: len(self.c)])

    __rmul__ = __mul__


c = logistic(Series([0.2, 1.0, 0.0, 0.0, 0.0])).c
factorials = np.array([1.0, 1.0, 2.0, 6.0, 24.0])
print("from one pass:", np.round(c * factorials, 6).tolist())

# %% [markdown]
# The value and the same four derivatives, from one run of the code. This is *Taylor mode*; its rules for `sin`, `log` and the others are
# short recurrences. `adlib` leaves it at nesting.
#
# ## Exercises

# %% [markdown]
# **1.** What is $D\bigl(x \mapsto x \cdot D(y \mapsto x\,y^2,\ 2),\ 3\bigr)$?

# %% tags=["exercise"]
from adlib.lesson import exercises

answer = ...
exercises.check("14-1", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# First the inner derivative, as a formula in $x$: hold $x$ still, differentiate by $y$, put in $y = 2$.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("14-1", D_reverse(lambda x: x * D_forward(lambda y: x * y**2, 2.0), 3.0))

# %% [markdown]
# **2.** A loss has ten million parameters. You want $Hv$, all ten million numbers, for one $v$. Which nesting does **not** give it
# in one pass over one pass?

# %% tags=["exercise"]
exercises.ask("14-2")

# %% [markdown]
# <details><summary>Hint</summary>
#
# $Hv$ is the derivative of the gradient along $v$. It is also the gradient of something: of what number? One of the four never makes a gradient.
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def along(f, v): return lambda x: adlib.jvp(f, (x,), (v,))[1]  # one forward pass


x, v = np.array([-1.2, 1.0]), np.array([1.0, 2.0])
nestings = {
    "forward over reverse": along(adlib.grad(rosenbrock), v),
    "reverse over forward": adlib.grad(along(rosenbrock, v)),
    "reverse over reverse": adlib.grad(lambda x: adlib.grad(rosenbrock)(x) @ v),
    "forward over forward": along(along(rosenbrock, v), v),
}
lines = (f"{name}: {np.round(nesting(x), 9).tolist()}" for name, nesting in nestings.items())
exercises.solution("14-2", "forward over forward", *lines)

# %% [markdown]
# **3.** Write `curvature_along(f, x, v)`: the second derivative at $s = 0$ of $s \mapsto f(x + s v)$, for an $f$ of an array. No Hessian.


# %% tags=["exercise"]
def curvature_along(f, x, v): ...


exercises.check("14-3", curvature_along)

# %% [markdown]
# <details><summary>Hint</summary>
#
# $s \mapsto f(x + s v)$ is a function of one number. Differentiate it twice, in forward mode. (Or take $v \cdot Hv$.)
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def curvature_along_solution(f, x, v):
    return D_forward(lambda s: D_forward(lambda t: f(x + t * v), s), 0.0)


exercises.solution("14-3", curvature_along_solution)

# %% [markdown]
# ## Take away
#
# 1. A derivative is a program, so it can be differentiated. Every derivative that is taken needs a tag of its own, or rates get confused.
# 2. Forward over reverse gives $Hv$ at a small multiple of the cost of $f$, for any number of inputs, without $H$.
# 3. Curvature tells how far a step may go. Newton's method uses all of it, and asks for saddles and hilltops, too.
#
# **Left out on purpose:** methods between the two, which need only products $Hv$ (conjugate gradients, trust regions) or
# only gradients (BFGS); sparse Hessians; Taylor mode for all gates.
#
# **Where it comes from:**
# O. Manzyuk, B. A. Pearlmutter, A. A. Radul, D. R. Rush, J. M. Siskind,
# [Perturbation confusion in forward automatic differentiation of higher-order functions](https://doi.org/10.1017/S095679681900008X),
# Journal of Functional Programming 29, 2019 (functions that return functions).
# J. M. Siskind, B. A. Pearlmutter,
# [Perturbation confusion and referential transparency](https://engineering.purdue.edu/~qobi/papers/ifl2005.pdf), IFL 2005
# (our first trap).
# B. A. Pearlmutter, [Fast exact multiplication by the Hessian](https://doi.org/10.1162/neco.1994.6.1.147), Neural Computation 6, 1994.
# H. H. Rosenbrock, [An automatic method for finding the greatest or least value of a function](https://doi.org/10.1093/comjnl/3.3.175),
# The Computer Journal 3, 1960.
# J. Nocedal, S. J. Wright, [Numerical Optimization](https://doi.org/10.1007/978-0-387-40065-5), 2nd ed., Springer 2006, chapters 2 and 3.
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008,
# chapters 5 and 13 (Hessians; Taylor series).
#
# Next: [15 Pitfalls](15_pitfalls.ipynb) · Previous: [13 Custom gates](13_custom_gates.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
