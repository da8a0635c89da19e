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
# # Pitfalls
#
# After this page you can tell when an exact derivative is not the one you wanted, say why, and mend the program.
#
# *Prerequisites:* forward and reverse mode ([05](05_forward_mode.ipynb), [07](07_reverse_mode.ipynb)). *Time:* 35 minutes.
#
# Previous: [14 Higher order](14_higher_order.ipynb) · [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## An exact answer to another question
#
# The article says that automatic differentiation is "not limited in any form by the nature of the function". Notebook 04
# had three limits. Here is what they do to honest programs. The rule behind all of it is short:
#
# > Automatic differentiation gives the exact derivative of **what ran**: these operations, this branch, so many steps.
#
# When the answer surprises, what ran was not quite what was meant. So each surprise has four parts: the naive answer, the
# right one, why, and what to do.
#
# ## A nan that comes from the branch not taken
#
# The square root of negative numbers shall count as 0. **Predict:** what is the derivative at $-1$?

# %%
import numpy as np

import adlib


def safe_root(x):
    return np.where(x > 0, np.sqrt(x), 0.0)


with np.errstate(invalid="ignore"):
    print("value:  ", safe_root(-1.0))
    print("reverse:", adlib.grad(safe_root)(-1.0))
    print("forward:", adlib.jvp(safe_root, (-1.0,), (1.0,))[1])

# %% [markdown]
# The value is 0 and so is the derivative. Forward mode agrees, reverse mode says nan. Which line of arithmetic makes it?
# `adlib.diagnose` walks through one run and says:

# %%
adlib.diagnose(safe_root, -1.0)

# %% [markdown]
# `np.where` does not skip: both branches run. On the way back, the branch not taken gets the adjoint 0, and hands on 0 times
# its own derivative. That is 0 · nan. Forward mode *selects* between tangents, so it never multiplies.
#
# **Remedy:** give the branch not taken a harmless argument. A second `where`, inside:


# %%
def safer_root(x):
    positive = np.where(x > 0, x, 1.0)
    return np.where(x > 0, np.sqrt(positive), 0.0)


print("reverse:", adlib.grad(safer_root)(-1.0))
print(adlib.diagnose(safer_root, -1.0))

# %% [markdown]
# The derivative is 0 as it should be, and the diagnosis says which line makes it so: the branch that was not taken. It also says what it
# did not look at: at another $x$ the other branch may run.
#
# In a longer program the graph is the quicker witness. Below is a distance, divided by something harmless, at the origin. The
# value is 0. **Predict:** which gates are to blame for the gradient?
#
# Under each value stands its adjoint, ◀. A red arrow is an edge along which a derivative stopped being a number.

# %%
from adlib.viz.diagnoses import diagnosis_picture


def share(x, y):
    return np.sqrt(x * x + y * y) / (x + y + 1.0)


diagnosis_picture(adlib.diagnose(share, 0.0, 0.0))

# %% [markdown]
# The root has an infinite slope at 0: there an adjoint of 1 becomes ∞. The two squares multiply ∞ by 0, their own slope at 0, and
# nan arrives at both inputs. The sums are innocent. Exercise 1 mends this one.
#
# ## At a kink, the answer is a convention
#
# What is the derivative of $|x|$ at 0? There is none. A program has to answer something. Below are the answers that three
# other libraries gave when they were asked, beside `adlib`'s. **Look for rows where they differ.**

# %%
from adlib.lesson.pitfalls import kinks

print(f"{'':24}{'adlib':>12}{'PyTorch':>12}{'JAX':>12}{'autograd':>12}")
for question, answers in kinks().items():
    print(f"{question:24}" + "".join(f"{answer:>12}" for answer in answers))

# %% [markdown]
# Gate by gate, none of them is wrong. At a kink each number between the slopes left and right is a fair answer, and nan is an honest one. But a program whose
# result depends on such a row gives different gradients on different libraries. It can even differ within one: `relu(x)` and `np.maximum(x, 0)` are the same function, and `adlib` says 0 for the one, as networks are used to, and ½ for the other,
# since nothing at a tie prefers either side. A norm at the zero vector is the one that people meet, as nan, in training.
#
# For a *program* made of such gates the excuse is gone. **Predict:** $\operatorname{relu}(x) - \operatorname{relu}(-x)$ is just $x$. What is its derivative at 0? The second program,
# $\max(\max(x, 0), 2x) - 2 \max(x, 0)$, is 0 everywhere.

# %%
from adlib.gates import relu


def straight(x): return relu(x) - relu(-x)
def nothing(x): return np.maximum(np.maximum(x, 0.0), 2 * x) - 2 * np.maximum(x, 0.0)


for x in (-0.5, 0.0, 0.5):
    slopes = adlib.grad(straight)(x), adlib.grad(nothing)(x)
    print(f"x = {x:4}: values {straight(x):4} and {nothing(x):.1f}, derivatives {slopes[0]} and {slopes[1]}")

# %% [markdown]
# Neither function has a kink, and at 0 both answers are wrong: 1 and 0 would be right. PyTorch and JAX answer relu′(0) = 0, as the table shows, so they
# make the same 0 of the first. The convention ½ is right there, but it fails for the second. *Conventions of the gates do not add up to one of the program.* Such points are few,
# and a random input does not meet them; an input that is exactly 0 does. Here `diagnose` says where, and by which convention:

# %%
adlib.diagnose(straight, 0.0)

# %% [markdown]
# ## A branch that holds for one point
#
# Somebody was careful about speed: $1^2$ is 1, so why multiply?


# %%
def square(x):
    if x == 1.0:
        return x
    return x * x


for x in (0.999, 1.0, 1.001):
    print(f"at {x:.3f}: {adlib.grad(square)(x):.3f}")
adlib.diagnose(square, 1.0)

# %% [markdown]
# The value is right everywhere. At 1, what ran was the function $x \mapsto x$, and its slope is 1.
#
# **Remedy:** do not decide by `==` on a number that you differentiate by. The same goes for steps: `np.round`, `np.floor`,
# a count of something, the result of a sort's *order*. Their derivative is 0 wherever it exists, so nothing flows through them.
# Of a derivative that is 0 `diagnose` tells which line cut the path:


# %%
def price_tag(cost):
    whole = np.round(1.2 * cost)
    return whole - 0.01


adlib.diagnose(price_tag, 3.14)

# %% [markdown]
# ## A solver that stopped early
#
# Babylonians found $\sqrt a$ by repeating $x \leftarrow \frac12 (x + a/x)$; in notebook 13 the same method was called Heron's. **Before you run it:** when the value has $k$ good
# digits, how many has the derivative?

# %%
from adlib.lesson.pitfalls import babylonian


def derivative(f, x): return adlib.jvp(f, (x,), (1.0,))


root, slope = np.sqrt(30.0), 0.5 / np.sqrt(30.0)
print("steps   error of the value   error of the derivative   (both relative)   their ratio")
for steps in range(3, 7):
    value, rate = derivative(lambda a, steps=steps: babylonian(a, steps), 30.0)
    errors = abs(value / root - 1), abs(rate / slope - 1)
    print(f"{steps:5}   {errors[0]:18.0e}   {errors[1]:23.0e}   {errors[1] / errors[0]:28.0f}")

# %% [markdown]
# The derivative comes later than the value, and falls behind: its error is 4 times as large, then 7, 13, 25 times. A test that stops when the
# *value* has settled may stop too early for the derivative.
#
# It can be worse. Take a slower solver, which repeats $x \leftarrow x - (x^2 - a)/10$. Start it at the solution, as one does when a problem has changed just a little:

# %%
from adlib.lesson.pitfalls import fixed_point

for steps in (1, 5, 20, 60):
    value, rate = derivative(lambda a, steps=steps: fixed_point(a, np.sqrt(2.0), steps), 2.0)
    print(f"{steps:2} steps: value {value:.9f}, derivative {rate:.9f}")
print(f"right:    value {np.sqrt(2.0):.9f}, derivative {0.5 / np.sqrt(2.0):.9f}")

# %% [markdown]
# **Why?** After one step the value is right, to all digits, because it was right before. But the start did not depend on
# $a$, so the derivative knows only what that one step did with $a$.
#
# **Remedy:** let any solver find the root, then differentiate the *equation*, not the steps. From $x^2 = a$ follows $2x\,\dot x = \dot a$. Let $x$ be the root that was found,
# held constant. Then one step of Newton's method from there,
#
# $$a \;\mapsto\; x - \frac{x^2 - a}{2x},$$
#
# stays at the root, and has just this derivative. Notebook 13 makes a gate of it. Here for both solvers:

# %%
from adlib.lesson.pitfalls import implicit_root

for a, found in ((30.0, babylonian(30.0, 7)), (2.0, fixed_point(2.0, np.sqrt(2.0), 1))):
    value, rate = derivative(lambda a, x=found: implicit_root(a, x), a)
    print(f"a = {a:4}: value {value:.9f}, derivative {rate:.9f}   right: {np.sqrt(a):.9f}, {0.5 / np.sqrt(a):.9f}")
    assert np.isclose(rate, 0.5 / np.sqrt(a), rtol=1e-14)

# %% [markdown]
# ## The program is not the equation
#
# Take $y' = r\,y$ with $y(0) = 1$. The solution is $y(1) = e^r$, and its derivative by $r$ at $r = 1$ is $e$. Solve it by ten of Euler's steps,
# $y \leftarrow y + r\,y/10$, and differentiate the program. **Will you get $e$?**

# %%
from adlib.lesson.pitfalls import euler

for steps in (10, 100, 1000):
    print(f"{steps:4} steps: {derivative(lambda r, steps=steps: euler(r, steps), 1.0)[1]:.9f}")
print(f"1.1 to the power 9: {1.1**9:.9f},  e: {np.e:.9f}")

# %% [markdown]
# You get $1.1^9$, which is *exact*: ten steps compute $(1 + r/10)^{10}$. The difference from $e$ is Euler's error, not the derivative's.
#
# Could one differentiate the *equation* first, and solve what comes out? With $s = \partial y/\partial r$ it is $s' = r\,s + y$, and Euler's steps make the same number of it:

# %%
y, s = 1.0, 0.0
for _ in range(10):
    y, s = y + y / 10, s + (s + y) / 10
print(f"{s:.9f}")

# %% [markdown]
# Forwards, the two orders agree. **Do they backwards?** Take $y' = y^2 - y^3$ from time 0 to 3, with $y(0) = 0.4$. Reverse mode goes back through the program.
# The equation has an adjoint, too: $\lambda' = -(2y - 3y^2)\,\lambda$ with $\lambda(3) = 1$, to be solved back to time 0. The last line is the truth: $y'$ solves the same
# linear equation as $\partial y/\partial y(0)$ does, so the derivative is the value of $y'$ at the end, divided by that at the start.


# %%
def rate_of(y): return y**2 - y**3


def states(y, steps):
    yield y
    for _ in range(steps):
        y = y + 3 / steps * rate_of(y)
        yield y


for steps in (10, 100, 1000):
    by_program = adlib.grad(lambda y, steps=steps: list(states(y, steps))[-1])(0.4)
    adjoint, path = 1.0, list(states(0.4, steps))
    for y in reversed(path[1:]):  # Euler's steps for λ, from the last state back
        adjoint = adjoint + 3 / steps * (2 * y - 3 * y**2) * adjoint
    print(f"{steps:4} steps: the program {by_program:.4f}, the adjoint equation {adjoint:.4f}")
*_, end = states(0.4, 100_000)
print(f"the truth: {rate_of(end) / rate_of(0.4):.4f}")

# %% [markdown]
# Both tend to the truth, from two sides. In each step the program's derivative takes the slope where the step *begins*. Euler's method for $\lambda$ walks the other way, so it
# takes the slope at the other end. The first number is the exact gradient of what the program computes, and a descent on the program's value wants that one.
#
# The same holds for any approximation. Here is a table of the sine, with straight lines between its entries:

# %%
nodes = np.linspace(0.0, np.pi, 9)


def table(x): return np.interp(x, nodes, np.sin(nodes))


for x in (0.8, 1.0, 1.15):
    value, slope = derivative(table, x)
    print(f"x = {x:4}: value {value:.3f}, sin x {np.sin(x):.3f};  derivative {slope:.3f}, cos x {np.cos(x):.3f}")

# %% [markdown]
# The values are close, the derivative is a staircase. *A good approximation need not have a good derivative.*
#
# ## Digits lost in the value
#
# $(1 - \cos x)/x^2$ tends to $\frac12$ for small $x$, and its derivative is about $-x/12$. Reverse mode takes no difference quotient. **Is it safe, then?** We count
# right digits, up to twelve.

# %%
from adlib.lesson.pitfalls import versine_quotient, versine_quotient_safe


def half_angle(x): return 2 * np.sin(x / 2) ** 2 / x**2  # the same, since 1 − cos x = 2 sin²(x/2)


def right_digits(found, true):
    return int(np.clip(-np.log10(abs(found / true - 1) + 1e-17), 0, 12))  # 12 or more


def compare(f):
    for x in (2e-2, 1e-3, 1e-4, 1e-6):
        value, slope = 1 / 2 - x**2 / 24 + x**4 / 720, -x / 12 + x**3 / 180 - x**5 / 6720
        digits = right_digits(f(x), value), right_digits(adlib.grad(f)(x), slope)
        print(f"x = {x:.0e}: right digits of the value {digits[0]:2}, of the derivative {digits[1]:2}")


compare(versine_quotient)

# %% [markdown]
# No. The rule is exact, but it is *evaluated* with the numbers that the program has. $1 - \cos x$ has lost its digits, and the derivative
# divides what is left by $x^3$.
#
# So write the value in a way that keeps its digits: $1 - \cos x = 2 \sin^2 \frac x2$, where nothing cancels. **Is the derivative safe now?**

# %%
compare(half_angle)

# %% [markdown]
# The value is, the derivative is not. $x$ is used in two places, and each contributes to the derivative: about $1/x$ through the sine, about $-1/x$ through the division. Their
# sum is $-x/12$. This time the *contributions* cancel. They are added where the function forks, and no rewriting of the value's
# last bits helps against that.
#
# **Remedy:** a form in which neither the value nor the contributions cancel. Here, the first terms of the series, $\frac12 - \frac{x^2}{24} + \frac{x^4}{720} - \dots$:

# %%
compare(versine_quotient_safe)

# %% [markdown]
# Or make it one gate, with a rule that is accurate (notebook 13).
#
# ## Chaos
#
# Repeat $x \leftarrow 4x(1 - x)$. The derivative after $n$ steps is a product of $n$ factors, and no factor is difficult. We compare with arithmetic in
# 80 decimals.

# %%
from adlib.lesson.pitfalls import iterate, iterate_slope

for n in (10, 30, 45, 70):
    found, true = derivative(lambda x, n=n: iterate(x, n), 0.2)[1], iterate_slope(0.2, n)
    print(f"n = {n}: size of the truth 10^{np.log10(abs(true)):.0f}, relative error {abs(found / true - 1):.0e}")

# %% [markdown]
# Each step doubles an error of the value, on the average. Some fifty doublings turn the last bit into the first. From there the program follows another path, and the
# derivative, exact for *that* path, is worthless. Even right, it would be: a slope of $10^{21}$ tells nothing about a step of any size.
#
# Often the question is at fault. Nobody wants the derivative of the 70th iterate. A *mean* over many iterates sounds more sensible:


# %%
def mean_of_iterates(r, n, x=0.2):
    total = 0.0
    for _ in range(n):
        x = r * x * (1 - x)
        total = total + x
    return total / n


for n in (10, 100, 1000):
    value, rate = derivative(lambda r, n=n: mean_of_iterates(r, n), 3.9)
    print(f"mean of {n:7,}: {value:.3f}, derivative by r about 10^{np.log10(abs(rate)):.0f}")
for r in (3.89, 3.9, 3.91):
    means = mean_of_iterates(r, 10_000), mean_of_iterates(r, 100_000)
    print(f"r = {r:4}, mean of 10,000 and of 100,000: {means[0]:.3f} and {means[1]:.3f}")

# %% [markdown]
# The mean settles, if slowly, and from one $r$ to the next it changes by little. Its derivative, computed through the chaos, grows without end. After some fifty steps it is
# not even the right number, since the program has left the true path, as above. And the right number would not help. As a function of $r$ the mean is more ragged with each iteration, so its slope at a
# point says nothing about how it changes from one $r$ to another that one would choose. For chaotic systems there are methods of their own; one is named below.
#
# ## All of it under one slider
#
# Try this:
#
# 1. In *nan behind a where*, slide from left to right. At which $x$ does the naive answer appear?
# 2. In *a branch on equality*, find the wrong point. How wide is it?
# 3. In *a warm start*, how many steps until two digits are right?
# 4. In *cancellation in the value*, where do naive and true part? (The naive value has then lost half of its digits.)
# 5. In *chaos*, find the last iteration at which you would trust the answer.

# %%
from adlib.viz.explorers import PitfallExplorer

PitfallExplorer()

# %% [markdown]
# *Broad and grey: the truth. Dashed: the naive program. Dotted: the mended one.*
#
# **What you should have seen.** In each picture the dashed line leaves the grey one somewhere, and the dotted one stays, except in
# the solver's first steps, where there is no solution yet. Behind the `where` the
# naive answer is nan up to 0. (At 0 itself there is no derivative: from the right the slope is infinite.) The wrong point of the branch is a single number wide: a test at random inputs will not find it.
# Cancellation takes four digits of the derivative for each factor of ten in $x$. On this scale one sees it near $10^{-4}$, when the last of them go.
#
# Without a kernel, all pitfalls at once:

# %%
from adlib.viz import figures

figures.show("pitfalls")

# %% [markdown]
# *Eight derivatives against the number that slides: true, naive, mended. In the last picture each is divided by the true one.*
#
# ## Exercises

# %% [markdown]
# **1.** Below is the distance of two points. Its gradient is nan where they meet. Write `safe_distance(p, q)`, with the same value,
# and the gradient 0 there. (`np.linalg.norm` would do; do without it.)


# %% tags=["exercise"]
def distance(p, q): return np.sqrt(np.sum((p - q) ** 2))


def safe_distance(p, q): ...


from adlib.lesson import exercises

exercises.check("15-1", safe_distance)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Two `where`s: one around the argument of the root, one around the root.
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def safe_distance_solution(p, q):
    squares = np.sum((p - q) ** 2)
    apart = squares > 0
    return np.where(apart, np.sqrt(np.where(apart, squares, 1.0)), 0.0)


exercises.solution("15-1", safe_distance_solution)

# %% [markdown]
# **2.** `x ← x − (x² − a)/10` starts at the solution $x = \sqrt a$ and makes **two** steps. What derivative by $a$ does the program have at
# $a = 4$? Work it out on paper: $\dot x \leftarrow \dot x - (2x\dot x - \dot a)/10$.

# %% tags=["exercise"]
answer = ...
exercises.check("15-2", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# At the start $\dot x = 0$. The value stays at 2 in both steps.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("15-2", adlib.grad(lambda a: fixed_point(a, 2.0, 2))(4.0))

# %% [markdown]
# **3.** A loss contains `np.round(w)`, and gradient descent does not move `w`. What is to blame?

# %% tags=["exercise"]
exercises.ask("15-3")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Draw $w \mapsto \operatorname{round}(w)$. How steep is it at 0.3?
#
# </details>

# %% [markdown]
# ## Take away
#
# 1. The answer is the exact derivative of what ran. If it surprises, look at what ran.
# 2. Nan and infinity are born at one gate, on one line; `diagnose` finds it, and the line that made a derivative 0. Kinks are answered by conventions, which differ between libraries.
# 3. A good approximation of a value need not give a good derivative: mind solvers, tables, steps, cancellation and chaos.
#
# **Left out on purpose:** derivatives in a weaker sense for kinks (subgradients, Clarke's generalised gradient); smoothing of steps; shadowing methods.
#
# **Where it comes from:**
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008, chapters 14 and 15 (kinks; iterative processes).
# S. M. Kakade, J. D. Lee, [Provably correct automatic subdifferentiation for qualified programs](https://arxiv.org/abs/1809.08530), NeurIPS 2018
# (answers of gates that do not add up).
# J. Bolte, E. Pauwels, [Conservative set valued fields, automatic differentiation, stochastic gradient methods and deep learning](https://arxiv.org/abs/1909.10300),
# Mathematical Programming 188, 2021 (why descent gets along with them).
# W. W. Hager, [Runge-Kutta methods in optimal control and the transformed adjoint system](https://doi.org/10.1007/s002110000178), Numerische Mathematik 87,
# 2000 (adjoints of equations and of programs).
# J. C. Gilbert, [Automatic differentiation and iterative processes](https://doi.org/10.1080/10556789208805503), Optimization Methods and Software 1, 1992.
# J. Hückelheim, H. Menon, W. Moses, B. Christianson, P. Hovland, L. Hascoët,
# [Understanding automatic differentiation pitfalls](https://arxiv.org/abs/2305.07546), 2023 (most of our cases).
# Q. Wang, R. Hu, P. Blonigan,
# [Least squares shadowing sensitivity analysis of chaotic limit cycle oscillations](https://doi.org/10.1016/j.jcp.2014.03.002), Journal of Computational Physics 267, 2014.
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Previous: [14 Higher order](14_higher_order.ipynb) · [Map](00_start_here.ipynb#The-map)
