# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Numerical differentiation
#
# After this page you can choose the step of a difference quotient, and say of each wrong digit where it was lost.
#
# *Prerequisites:* Taylor's series to its $h^3$ term. *Time:* 30 minutes.
#
# Previous: [01 Why derivatives](01_why_derivatives.ipynb) · Next: [03 Symbolic differentiation](03_symbolic_differentiation.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## Two quotients
#
# We know values of a function and want its slope. Two points make a slope. There are two natural pairs:
#
# $$\text{forward: } \frac{f(x+h)-f(x)}{h} \qquad\qquad \text{central: } \frac{f(x+h)-f(x-h)}{2h}$$
#
# Each is one line of Python.

# %%
import numpy as np


def forward(f, x, h):
    return (f(x + h) - f(x)) / h


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


# %% [markdown]
# Take the function of the series, $f(x_1, x_2) = x_1\sqrt{\log(x_1/\sin(x_2^2))}$, at $(2, 1)$, along $x_2$. Its
# slope there is known, because somebody differentiated it by hand.

# %%
from adlib.lesson import examples


def along_x2(x2):
    return examples.f(2.0, x2)


print(f"by hand            {examples.df_dx2(2.0, 1.0):.3f}")
print(f"forward, h = 0.4   {forward(along_x2, 1.0, 0.4):.3f}")
print(f"central, h = 0.4   {central(along_x2, 1.0, 0.4):.3f}")

# %% [markdown]
# **Which of the two would you trust, and why?** Look at the secants before you answer.

# %%
from adlib.viz import figures

figures.show("secants")

# %% [markdown]
# *The tangent at $x_2 = 1$ is dashed. Both secants are taken with $h = 0.4$.*
#
# The central quotient is the mean of two one-sided ones: the forward one, and the one that looks back. One is too flat, one too steep:

# %%
backward = forward(along_x2, 1.0, -0.4)  # (f(x − h) − f(x)) / (−h)
print(f"backward, h = 0.4  {backward:.3f}")
print(f"mean with forward  {(backward + forward(along_x2, 1.0, 0.4)) / 2:.3f}")

# %% [markdown]
# Their errors cancel in part, and the better the smaller $h$ is. Taylor's series says how well:
#
# $$f(x \pm h) = f(x) \pm h f'(x) + \frac{h^2}{2} f''(x) \pm \frac{h^3}{6} f'''(x) + \dots$$
#
# $$\frac{f(x+h)-f(x)}{h} = f'(x) + \underbrace{\frac{h}{2} f''(x) + \dots}_{\text{dropped}} \qquad
# \frac{f(x+h)-f(x-h)}{2h} = f'(x) + \underbrace{\frac{h^2}{6} f'''(x) + \dots}_{\text{dropped}}$$
#
# What is dropped is the **truncation error**. It shrinks like $h$ for the forward quotient, and like $h^2$ for
# the central one. So a step ten times as small should make the errors 10 and 100 times as small. Does it?

# %%
slope = examples.df_dx2(2.0, 1.0)
print("step      forward error   central error")
for h in (1e-1, 1e-2, 1e-3):
    e1 = abs(forward(along_x2, 1.0, h) - slope)
    e2 = abs(central(along_x2, 1.0, h) - slope)
    print(f"{h:<7}   {e1:.1e}         {e2:.1e}")

# %% [markdown]
# It does: one digit for each row on the left, two on the right.
#
# ## And smaller still?
#
# **Predict:** what happens to the error as $h$ goes on from $10^{-3}$ to $10^{-15}$? Draw the curve in your mind.
#
# To print the answer digit by digit we change to a function that needs only `*` and `-`, so that every computer
# rounds it in the same way. It is the logistic map, $l_1 = x$, $l_{n+1} = 4\,l_n(1 - l_n)$. The slope of $l_4$ is a product, by
# the chain rule; at $x = 0.2$ it is exactly $9.0660864$.


# %%
def l4(x):
    for _ in range(3):
        x = 4 * x * (1 - x)
    return x


l1, l2, l3 = 0.2, 0.64, 0.9216  # and each step has the slope 4 (1 - 2 l)
print(f"slope: {4 * (1 - 2 * l1) * 4 * (1 - 2 * l2) * 4 * (1 - 2 * l3):.7f}")
for k in range(2, 18, 2):
    h = 1 / 10**k
    one, two = forward(l4, 0.2, h), central(l4, 0.2, h)
    right = [-np.log10(abs(quotient / 9.0660864 - 1)) for quotient in (one, two)]
    print(f"h = 1e-{k:<2}   forward {one:13.10f} ({right[0]:3.1f})   central {two:13.10f} ({right[1]:4.1f})")

# %% [markdown]
# In brackets is the number of right digits: $k$ for a relative error of $10^{-k}$. Read each column from the top. The digits of $9.0660864$ come in, and then they
# go away again. In the last row the forward difference has none left, the central one has one.
#
# The formula did not change, so something else grew. Look at the numerator alone:

# %%
print(f"             f(x)     = {l4(0.2):.16f}")
for k in (3, 9, 15):
    there = l4(0.2 + 1 / 10**k)
    print(f"h = 1e-{k:<2}    f(x + h) = {there:.16f}   f(x + h) - f(x) = {there - l4(0.2):.3e}")

# %% [markdown]
# With $h = 10^{-15}$ the two values of $f$ agree in all but their last one or two digits. A float has no more
# digits than that. Subtracting them leaves one or two digits, and those were rounded. Dividing by $h$ then
# makes the rounding large. That is the **round-off error**: a rounding of fixed size, divided by an ever
# smaller $h$.
#
# ## See both
#
# On the left, the explorer puts $f$ under a microscope: the window is always four steps wide, from $x - 2h$ to $x + 2h$, and heights are
# measured in steps, too. On the right is the error of the quotient $D(h)$. Try this:
#
# 1. Drag **step h** from $10^{-1}$ down to $10^{-8}$: the curve straightens, and the mark walks down the dashed line.
# 2. Drag it below $10^{-13}$. What has become of the curve?
# 3. Set **method** to *central difference*: where is the bottom now?
# 4. Set **numbers** to *float32*. Then type a function of your own.

# %%
from adlib.viz.explorers import StepSizeExplorer

StepSizeExplorer()

# %% [markdown]
# *Left: $f$ as the computer computes it, the quotient's slope, the true slope. Right: measured errors over the
# model's two lines, truncation dashed, round-off dotted; the large mark is the current step.*
#
# **What you should have seen.** A large step shows a bend: that is truncation. A tiny step shows a staircase: that is
# round-off, for between two neighbouring floats a computed function has nothing to say. In between, the curve
# is a straight line, and the quotient is good. The central difference has its bottom further right, near $10^{-5}$, and deeper. In
# float32 both bottoms lie further right and higher.
#
# Without a kernel, three settings of the microscope:

# %%
figures.show("microscope")

# %% [markdown]
# *The same function at three magnifications. The forward difference joins the two triangles. In the middle all three lines
# coincide.*
#
# And here is the whole V, for both functions:

# %%
figures.show("step-size")

# %% [markdown]
# *Error against step, both axes logarithmic. Points are measured; dashed lines are truncation, dotted lines are
# round-off. The band at the bottom holds errors of exactly 0. The crosses are the complex step, further down this page.*
#
# ## The bottom of the V
#
# The two lines are a model. A float has 53 binary digits, so rounding a number changes it by at most a fraction $u = 2^{-53}$ of it. *If* $f$
# were computed as well as a float allows, its value would be off by at most $e = u\,|f(x)|$. A numerator of two such values is off by
# at most $2e$. So
#
# $$\text{forward: } \frac{h}{2}|f''| + \frac{2e}{h} \qquad\qquad \text{central: } \frac{h^2}{6}|f'''| + \frac{e}{h}$$
#
# Each is smallest where its derivative by $h$ is zero:
#
# $$h^*_\text{forward} = 2\sqrt{\frac{e}{|f''|}} \qquad\qquad h^*_\text{central} = \sqrt[3]{\frac{3e}{|f'''|}}$$

# %%
from adlib import numerical

value, second, third = 0.28901376, 67.395584, -3948.87168  # of l4 at 0.2; notebook 14 computes them
for method, derivative in (("forward", second), ("central", third)):
    h, error = numerical.best_step(value, derivative, method)
    print(f"{method}: best step {h:.1e}, error there {error:.1e}")

# %% [markdown]
# Usually nobody knows $f''$. If $f$ and its derivatives are all of about the same size, the best steps are near
# $\sqrt\varepsilon$ and $\sqrt[3]\varepsilon$, where $\varepsilon = 2u = 2^{-52}$ is NumPy's `eps`. Remember two numbers: **about
# $10^{-8}$ for forward, about $10^{-5}$ for central.** (For $l_4$ both are smaller, as its second and its third derivative are large.) `adlib.numerical` takes
# $\sqrt\varepsilon$ and $\sqrt[3]\varepsilon$, times the size of $x$ if that is above 1, if you do not choose.

# %%
point = (2.0, 1.0)
print(f"sqrt(eps) = {np.sqrt(np.finfo(float).eps):.1e}, cbrt(eps) = {np.cbrt(np.finfo(float).eps):.1e}")
print(f"forward   {numerical.forward_difference(examples.f, point, argnum=1):.6f}")
print(f"central   {numerical.central_difference(examples.f, point, argnum=1):.6f}")
assert np.isclose(forward(along_x2, 1.0, 1e-4), numerical.forward_difference(examples.f, point, argnum=1, h=1e-4))
assert np.isclose(central(along_x2, 1.0, 1e-4), numerical.central_difference(examples.f, point, argnum=1, h=1e-4))

# %% [markdown]
# Look at the V of $l_4$ again. Most measured points lie *above* the dotted lines. **Why?** The model assumes that only the last
# operation rounds. Fractions tell what a computed value is really off by:

# %%
from fractions import Fraction

e = 2.0**-53 * value
off = [abs(float(Fraction(l4(x)) - l4(Fraction(x)))) for x in 0.2 + 1e-4 * np.arange(100)]
print(f"model: at most {e:.1e};  computed l4 near 0.2: typically {np.median(off):.0e}, at most {max(off):.0e}")
assert max(off) > 5 * e

# %% [markdown]
# Every operation inside $f$ rounds, and later operations magnify it. The *noise* of a computed function is a small multiple of $u\,|f|$; here
# it is about ten times as much. ($x + h$ is rounded, too, which adds a little.) So take the model's best step as a lower end.
#
# With fewer bits, everything happens earlier. This is what `float32` does, the format in which networks are
# often trained:

# %%
figures.show("precision")

# %% [markdown]
# *The truncation lines are the same in both panels. In float32 the round-off lines lie higher, so the V turns
# at a larger step and at a larger error.*
#
# ## Where the article is loose
#
# **It takes $h$ to be "an infinitesimally small step size".** That is what a derivative is defined with. In a program $h$ is a finite number, and all of this page was about
# choosing it. Smaller is not better:

# %%
for h in (1e-8, 1e-17):
    print(f"h = {h:.0e}: forward {forward(along_x2, 1.0, h):.6f}")

# %% [markdown]
# With the second, $1 + h$ rounds to 1, and the two values are one.
#
# **It calls the central difference "numerically more stable".** It is more *accurate*: its truncation is
# $O(h^2)$, it shrinks as $h^2$. Its round-off grows as $\varepsilon/h$, as the forward one's does. To see it, take steps in three ranges where
# round-off rules, and multiply the errors by $h$:

# %%
for low in (1e-13, 1e-12, 1e-11):
    steps = low * np.linspace(1, 10, 500)
    typical = [np.median([abs(q(l4, 0.2, h) - 9.0660864) * h for h in steps]) for q in (forward, central)]
    print(f"h from {low:.0e} to {10 * low:.0e}: error times h   forward {typical[0]:.0e}   central {typical[1]:.0e}")
    assert 1 / 5 < typical[1] / typical[0] < 5

# %% [markdown]
# From range to range, error times $h$ stays the same: both errors grow as $1/h$. The central one is smaller here, because it divides by $2h$, and because
# it does not use $l_4(0.2)$ itself, which happens to be rounded badly. It is not more stable. It has a better place to stop.
#
# **It blames both errors on two sins:** adding small numbers to big ones, and subtracting nearly equal numbers.
# Both sins are
# *round-off*. Truncation is something else: the dropped terms of Taylor's series. It is there without any
# rounding, in exact fractions:

# %%
h = Fraction(1, 10)
exact = forward(lambda x: x**2, Fraction(3), h)
print(f"slope of x² at 3 by exact fractions, h = {h}: {exact}, which is 6 + h")
assert exact == 6 + h

# %% [markdown]
# ## A quotient that does not turn around
#
# Put an imaginary step into Taylor's series:
#
# $$f(x + ih) = f(x) + ih f'(x) - \frac{h^2}{2} f''(x) - \dots \quad\Longrightarrow\quad f'(x) \approx \frac{\operatorname{Im} f(x + ih)}{h}$$
#
# **What is missing here that was in both quotients above?**


# %%
def complex_step(f, x, h):
    return f(x + 1j * h).imag / h


for h in (1e-2, 1e-5, 1e-20, 1e-200):
    print(f"h = {h:.0e}   {complex_step(l4, 0.2, h):.12f}")
assert complex_step(l4, 0.2, 1e-200) == numerical.complex_step(l4, 0.2, h=1e-200)

# %% [markdown]
# The first term is real, and so is the $h^2$ term: taking the imaginary part throws both away. So *no two values of $f$ are subtracted*. There is
# nothing to cancel, $h$ may be $10^{-20}$, or $10^{-200}$, and every digit printed is right. In the V above these are the points that do not turn up.
# The idea is from 1967. Here is a function on which it is often shown, $e^x/\sqrt{\sin^3 x + \cos^3 x}$ at 1.5:


# %%
def classic(x):
    return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)


from decimal import Decimal

print(f"{complex_step(classic, 1.5, 1e-20):.12f}   by complex step")
print(f"{Decimal('4.0534278938986206577'):.12f}   from a computation with 50 digits")

# %% [markdown]
# There is a price. The function must take complex numbers, and each of its operations must be *analytic*: given by a power series, as `sin` or
# `exp` is. `abs` is not. Take $|x|\,x$, whose slope at 1.5 is 3:

# %%
print(f"{complex_step(lambda x: abs(x) * x, 1.5, 1e-20):.1f}")

# %% [markdown]
# `abs` forgets the imaginary part of its factor, the other $x$ keeps its own. Half of the derivative is gone, and nothing warns. The complex step is a
# good idea that needs numbers made for it: those are the *dual numbers* of notebook 06.
#
# ## A ladder of quotients
#
# The central difference errs by $a_2h^2 + a_4h^4 + \dots$. Two of them, with different steps, let us solve for
# the limit and be rid of $a_2$: $(4 D(h/2) - D(h))/3$. Three also remove $a_4$. This is **Richardson extrapolation**. The tableau
# starts with $h = 0.02$. Each row halves it, each column removes one more term. (For $l_4$, a polynomial of degree 8, there are only
# three terms to remove.)

# %%
found = numerical.richardson(l4, 0.2, h=0.02, rows=5)
for step, row in zip(found.steps, found.tableau, strict=True):
    print(f"h = {step:.5f}   " + "   ".join(f"{entry:.9f}" for entry in row))
print(f"slope 9.066086400; found {found.value:.9f}")

# %% [markdown]
# No step here is small, so round-off has no chance. The price: two more values of $f$ for each row.
#
# ## Exercises
#
# **1.** To the left of the bottom of the V, the error grows as $h$ shrinks. What is to blame?

# %% tags=["exercise"]
from adlib.lesson import exercises

exercises.ask("02-1")

# %% [markdown]
# <details><summary>Hint</summary>
#
# One of the two lines of the model falls towards small $h$. Which one rises?
#
# </details>

# %% [markdown]
# **2.** A function and its derivatives are of size 1 near $x = 1$. Which power of ten (as `1e-k`) would you take as the
# step of the *forward* difference?

# %% tags=["exercise"]
answer = ...
exercises.check("02-2", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Set $f = f'' = 1$ in the formula for $h^*_\text{forward}$, and round to a power of ten.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("02-2", 1e-8)

# %% [markdown]
# **3.** Combine two central differences, $D(h)$ and $D(2h)$, so that the $h^2$ terms of their errors cancel.
# Write the function.


# %% tags=["exercise"]
def better(f, x, h): ...


exercises.check("02-3", better)

# %% [markdown]
# <details><summary>Hint</summary>
#
# $D(h) = f' + a h^2$ and $D(2h) = f' + 4 a h^2$, up to smaller terms. Two equations, two unknowns: solve them
# for $f'$.
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def better_solution(f, x, h):
    return (4 * central(f, x, h) - central(f, x, 2 * h)) / 3


exercises.solution("02-3", better_solution)

# %% [markdown]
# **4.** Through which of these functions does the complex step *not* pass?

# %% tags=["exercise"]
exercises.ask("02-4")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Which of them answers with a real number when it is given a complex one?
#
# </details>

# %% [markdown]
# ## Take away
#
# 1. A quotient has two errors. Truncation falls with $h$ or $h^2$, round-off rises as $1/h$, and together they make a V.
# 2. Step about $10^{-8}$ for forward, about $10^{-5}$ for central, times the size of $x$. Not more than half or
#    two thirds of the digits will be right.
# 3. The V comes from the subtraction. Without one, as in the complex step, there is no V.
#
# **Left out on purpose:** noisy functions, where $e$ is the noise and the best step is far larger; one-sided
# formulas for the edge of a domain; many inputs, which cost one or two values of $f$ *each* (that is why
# notebook 07 exists).
#
# **Where it comes from:**
# W. Squire, G. Trapp, [Using complex variables to estimate derivatives of real functions](https://doi.org/10.1137/S003614459631241X), SIAM Review 40, 1998
# (the short formula).
# J. N. Lyness, C. B. Moler, [Numerical differentiation of analytic functions](https://doi.org/10.1137/0704019), SIAM Journal on Numerical Analysis 4, 1967
# (the idea).
# J. R. R. A. Martins, P. Sturdza, J. J. Alonso, [The complex-step derivative approximation](https://doi.org/10.1145/838250.838251), ACM Transactions on
# Mathematical Software 29, 2003 (our second function).
# N. J. Higham, [Accuracy and Stability of Numerical Algorithms](https://doi.org/10.1137/1.9780898718027), 2nd ed., SIAM 2002.
# W. H. Press, S. A. Teukolsky, W. T. Vetterling, B. P. Flannery, *Numerical Recipes*, 3rd ed., Cambridge 2007,
# section 5.7.
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Next: [03 Symbolic differentiation](03_symbolic_differentiation.ipynb) · Previous: [01 Why derivatives](01_why_derivatives.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
