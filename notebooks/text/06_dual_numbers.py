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
# # Dual numbers
#
# After this page you can compute with dual numbers by hand, and say in which two ways a program can be made to.
#
# *Prerequisites:* forward mode ([05](05_forward_mode.ipynb)). *Time:* 25 minutes.
#
# Previous: [05 Forward mode](05_forward_mode.ipynb) · Next: [07 Reverse mode](07_reverse_mode.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## A number that squares to nothing
#
# In notebook 05 a value and its rate travelled together, as a pair. Pairs of numbers that are added and multiplied: you have
# met that before. Complex numbers are pairs $a + b\,i$, with $i^2 = -1$.
#
# Take a new symbol ε, and one rule: $\varepsilon^2 = 0$, although $\varepsilon \ne 0$. A **dual number** is $v + \dot v\,\varepsilon$. **Multiply two of them,
# as in school, and drop what has ε².** What do you get?
#
# $$
# \begin{aligned}
# (u + \dot u\,\varepsilon) + (v + \dot v\,\varepsilon) &= (u + v) + (\dot u + \dot v)\,\varepsilon \\
# (u + \dot u\,\varepsilon)\,(v + \dot v\,\varepsilon) &= u v + (u \dot v + \dot u v)\,\varepsilon + \dot u \dot v\,\varepsilon^2 = u v + (u \dot v + \dot u v)\,\varepsilon
# \end{aligned}
# $$
#
# The second line holds the product rule. Nobody put it there. It came from school algebra and $\varepsilon^2 = 0$.


# %%
class Dual:
    """v + v̇ε, with ε² = 0."""

    def __init__(self, v, dot): self.v, self.dot = v, dot
    def __add__(self, other): return Dual(self.v + other.v, self.dot + other.dot)
    def __mul__(self, other): return Dual(self.v * other.v, self.v * other.dot + self.dot * other.v)
    def __repr__(self): return f"{self.v} + {self.dot}ε"


x = Dual(3, 1)
print("x     =", x)
print("x·x   =", x * x)
print("x·x·x =", x * x * x)
print("ε·ε   =", Dual(0, 1) * Dual(0, 1))

# %% [markdown]
# Look at the coefficients of ε: at 3, $x^2$ has slope 6 and $x^3$ has slope 27.
#
# ## Functions of dual numbers
#
# What is $\sin(v + \dot v\,\varepsilon)$? Put it into Taylor's series. **Which terms survive?**
#
# $$g(v + \dot v\,\varepsilon) = g(v) + g'(v)\,\dot v\,\varepsilon + \tfrac12 g''(v)\,\dot v^2 \underbrace{\varepsilon^2}_{0} + \dots = g(v) + g'(v)\,\dot v\,\varepsilon$$
#
# Two terms, and nothing was neglected: every further term has $\varepsilon^2$ in it, so the rest *is* zero. Here lies the difference from the quotient of notebook 02, whose
# rest was only small. (The algebra says what to do with $g'$. What $g'$ is, for the sine, it has to be told, once.) And if one function is put into another?
#
# $$h\bigl(g(v + \dot v\,\varepsilon)\bigr) = h\bigl(g(v) + g'(v)\,\dot v\,\varepsilon\bigr) = h(g(v)) + h'(g(v))\,g'(v)\,\dot v\,\varepsilon$$
#
# That is the chain rule. To compose functions of dual numbers is to apply it.

# %%
import numpy as np


def sin(a): return Dual(np.sin(a.v), np.cos(a.v) * a.dot)


y = sin(x * x)  # sin(x²) at 3
print(f"{y.v:.6f} + {y.dot:.6f} ε,   by hand 2x cos x² = {6 * np.cos(9):.6f}")

# %% [markdown]
# ## What do they look like?
#
# Multiplying by $a + b\,i$ turns and stretches the plane. What does $a + b\,\varepsilon$ do? Both are 2 × 2 matrices:
#
# $$a + b\,i \;\leftrightarrow\; \begin{pmatrix} a & -b \\ b & a \end{pmatrix} \qquad a + b\,\varepsilon \;\leftrightarrow\; \begin{pmatrix} a & 0 \\ b & a \end{pmatrix}$$

# %%
E = np.array([[0, 0], [1, 0]])  # ε
T = np.array([[0, -1], [1, 0]])  # i
print("ε² =", (E @ E).tolist(), "   i² =", (T @ T).tolist())
one = np.eye(2, dtype=int)
print("(3 + ε)(3 + ε) =", ((3 * one + E) @ (3 * one + E)).tolist())

# %% [markdown]
# The last line is $9 + 6\,\varepsilon$ again. In the picture ε *shears*: what has a real part is pushed up by it, and what has none stays where it is.

# %%
from adlib.viz import figures

figures.show("shear-and-rotation")

# %% [markdown]
# *The unit square, and its product with 1 + 0.6ε and with 1 + 0.6i.*
#
# And a function? Draw $x + \dot x\,\varepsilon$ as an arrow on the $x$ axis that begins at $x$ and is $\dot x$ long. A function makes an arrow on its own axis of
# it. Its length is the slope times $\dot x$.

# %%
figures.show("dual-arrows")

# %% [markdown]
# *One arrow, at three places of a bell. The image is longer where the bell is steep, and has no length at the top.*
#
# ## First road: change the numbers
#
# There are two ways to bring a program to compute with dual numbers. The first leaves the program alone and gives it other
# *numbers*: **operator overloading**. Our class above does it, and so does `adlib`, for all gates of its table.

# %%
import adlib


def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


y, y_dot = adlib.jvp(f, (2.0, 1.0), (0.0, 1.0))
print(f"{y:.9f} {y_dot:+.9f} ε")

# %% [markdown]
# ## Second road: change the program
#
# The second leaves the numbers alone, plain floats, and rewrites the *program*: **source transformation**. After each line comes a line for
# its tangent. **Try it first:** write the two lines for `v2 = sin(v1)`.
#
# A program can do that, since Python can read Python. `adlib.source.transform` reads the text of `f`, as a syntax tree, and writes another function:

# %%
from adlib.formula.source import transform

df = transform(f)
print(df.source)

# %% [markdown]
# You have seen this before. It is the primal and the tangent trace of notebook 05, as a program. The formulas of the second lines were not
# typed in: they are the rows of the table of gates, applied to names.
#
# Do both roads arrive at the same place?

# %%
by_source = df(2.0, 1.0, 0.0, 1.0)
print(by_source == (y, y_dot), "to the last bit")
assert by_source == (y, y_dot)

# %% [markdown]
# Now with a loop and a branch. Look where the conditions went:


# %%
def g(x, a):
    total = 0.0
    for k in range(3):
        if x > a:
            x = x / 2
        else:
            x = x * x
        total = total + np.exp(-x) * k
    return total


dg = transform(g)
print(dg.source)

# %%
for point in ((3.0, 1.0), (0.5, 1.0), (1.3, 0.7)):
    one, two = dg(*point, 1.0, 0.5), adlib.jvp(g, point, (1.0, 0.5))
    print(f"{one[1]:+.12f}", one == two)
    assert one == two

# %% [markdown]
# The `if` and the `for` are still there. Conditions look at values, never at tangents. So this text is right for *all* inputs, while a trace (notebook 04)
# holds for one.
#
# What does it not understand? It has to understand every statement. Overloading has to understand only the operations on numbers, whatever the statements
# around them are:


# %%
def largest(x):
    terms = [x**k / k for k in (1, 2, 3)]
    return max(terms)


print("overloading:", adlib.jvp(largest, (2.0,), (1.0,)))
try:
    transform(largest)
except TypeError as error:
    print(error)

# %% [markdown]
# But the operations are *all* that overloading sees. **What becomes of a statement that asks what kind of number this is? Or of one that waits for an error?**


# %%
def square(x):
    if isinstance(x, float):
        return x * x
    return 0 * x


def inverse(x):
    try:
        return 1 / x
    except ZeroDivisionError:
        return 7.0 + 0 * x


for program, x in ((square, 2.0), (inverse, 0.0)):
    with np.errstate(divide="ignore"):
        value, coefficient = adlib.jvp(program, (x,), (1.0,))
    print(f"{program.__name__} at {x}: {program(x)} by plain numbers, {value} {coefficient:+}ε by dual numbers")
print("square, rewritten:", transform(square)(2.0, 1.0))

# %% [markdown]
# Both went the other way, and no error was raised: a dual number is no `float`, and its 1/0 is infinite, as NumPy's is. (NumPy warns of that
# division, unless it is told not to, as here. Of the wrong `square` nobody warns.) The rewritten `square` runs on plain floats, so it is right. (The rewritten
# `inverse` does not exist: `try` is a statement that `transform` was not taught.)
#
# | | change the numbers | change the program |
# |---|---|---|
# | must be taught | the operations | the operations, and each kind of statement |
# | comes to its limits | without an error, where a statement asks for the number's type (`isinstance`), or waits for an error of plain numbers (`except ZeroDivisionError`) | at a function whose text it cannot read |
# | sees | one operation at a time, as it happens | the whole program, before it runs; so a compiler can improve it |
# | costs at each operation | a call, an object, a decision | in forward mode nothing but the arithmetic; in reverse mode also a stack, which keeps values for the way back |
# | for example | `adlib`, PyTorch | `adlib.source`, Tapenade (below) |
#
# ## Carry one through
#
# 1. Leave ẋ alone and drag **x**. Where is the image longer than the original, where shorter, where reversed?
# 2. Set ẋ to 0. What is left of the number?
# 3. Drag **ẋ** to twice its size. What happens to the image?
# 4. Choose √x and go to 0.

# %%
from adlib.viz.explorers import DualExplorer

DualExplorer()

# %% [markdown]
# *The arrow on the x axis, its image on the f axis, and both as shadows of an arrow along the tangent line.*
#
# **What you should have seen.** The image is the original times the slope: reversed where the curve falls. With ẋ = 0 a dual number is an ordinary number. The
# image is *linear* in ẋ: twice the arrow, twice the image. Near 0 the root's image grows without bound. And the overloaded numbers and the
# transformed source give the same digits, all of them.
#
# ## Where the article is loose
#
# **It says that the coefficients of ε are "equal to the symbolic derivatives".** They are *numbers*: the derivative's value at the point, times the seed. There is no formula
# in a dual number, and without the seed 1 it is not even the derivative's value. For $x^2$ at 2 with seed 3:

# %%
a = Dual(2, 3)
print(a * a)
symbol = adlib.symbols("x")
print("the symbolic derivative:", (symbol * symbol).diff(symbol).simplify())

# %% [markdown]
# The coefficient is 12, which is $2 \cdot 2 \cdot 3$. The formula is $2x$.
#
# ## Exercises

# %% [markdown]
# **1.** What is the coefficient of ε in $(2 + 3\varepsilon)(4 - \varepsilon)$?

# %% tags=["exercise"]
from adlib.lesson import exercises

answer = ...
exercises.check("06-1", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Multiply out, four products, and drop one of them.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("06-1", (Dual(2, 3) * Dual(4, -1)).dot)

# %% [markdown]
# **2.** Division: write `quotient(u, u_dot, v, v_dot)`, which returns both parts of $(u + \dot u\,\varepsilon)/(v + \dot v\,\varepsilon)$ as a tuple.


# %% tags=["exercise"]
def quotient(u, u_dot, v, v_dot): ...


exercises.check("06-2", quotient)

# %% [markdown]
# <details><summary>Hint</summary>
#
# As with complex numbers: multiply top and bottom by $v - \dot v\,\varepsilon$. What is the bottom then?
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def quotient_solution(u, u_dot, v, v_dot):
    return u / v, (u_dot * v - u * v_dot) / v**2


exercises.solution("06-2", quotient_solution)

# %% [markdown]
# **3.** A library must differentiate programs that call functions from a file it never saw, with generators, classes and `try`. Speed does not matter. Which
# road?

# %% tags=["exercise"]
exercises.ask("06-3")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Which of the two has to understand a generator?
#
# </details>

# %% [markdown]
# ## Take away
#
# 1. Dual numbers are $v + \dot v\,\varepsilon$ with $\varepsilon^2 = 0$. Their algebra gives the product, the quotient and the chain rule, and nothing is neglected.
# 2. A program computes with them if its numbers are replaced (overloading), or if its text is (source transformation).
# 3. The coefficient of ε is the value of the derivative times the seed: a number, never a formula.
#
# **Left out on purpose:** several ε at once, for several directions in a pass; ε that do not vanish until ε³, for higher derivatives (notebook 14); reverse mode by
# source transformation, `transform(f, mode="reverse")`.
#
# **Where it comes from:**
# W. K. Clifford, [Preliminary sketch of biquaternions](https://doi.org/10.1112/plms/s1-4.1.381), Proceedings of the London Mathematical Society 4, 1873 (dual numbers).
# R. E. Wengert, [A simple automatic derivative evaluation program](https://doi.org/10.1145/355586.364791), Communications of the ACM 7, 1964.
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008, chapter 6 (both roads).
# L. Hascoët, V. Pascual, [The Tapenade automatic differentiation tool](https://doi.org/10.1145/2450153.2450158), ACM Transactions on Mathematical Software 39, 2013.
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017.
#
# Next: [07 Reverse mode](07_reverse_mode.ipynb) · Previous: [05 Forward mode](05_forward_mode.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
