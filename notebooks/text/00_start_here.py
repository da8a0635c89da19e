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
# # Start here
#
# After this page you will know what automatic differentiation is an answer to, and where in the series to find what.
#
# *Prerequisites:* a derivative, and a little Python. *Time:* 10 minutes.
#
# Next: [01 Why derivatives](01_why_derivatives.ipynb) · Map: [below](#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## One function, one question
#
# The whole series follows one function of two inputs. It means nothing. It was chosen because it has a little of
# everything: a product, a quotient, a power, a sine, a logarithm and a root.
#
# $$f(x_1, x_2) = x_1\,\sqrt{\log\frac{x_1}{\sin(x_2^2)}}$$
#
# Here, as everywhere in the series, $\log$ is the natural logarithm. In Python it is one line, and the line knows nothing of derivatives.

# %%
import numpy as np


def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


print(f"f(2, 1) = {f(2.0, 1.0):.6f}")

# %% [markdown]
# The question is always the same one. We stand at $(2, 1)$. **How fast does $f$ change when $x_2$ changes?**
#
# Calculus answers, with patience and a sheet of paper:
#
# $$\frac{\partial f}{\partial x_2} = -\,\frac{x_1 x_2 \cot(x_2^2)}{\sqrt{\log\left(x_1/\sin(x_2^2)\right)}}$$


# %%
def df_dx2(x1, x2):
    root = np.sqrt(np.log(x1 / np.sin(x2**2)))
    return -x1 * x2 / np.tan(x2**2) / root


print(f"by hand: {df_dx2(2.0, 1.0):.12f}")

# %% [markdown]
# That was one derivative of a small formula. A neural network is a program of a few million operations, and it wants
# the derivative by each of its parameters. Paper will not do.
#
# ## Let the computer try
#
# A derivative is a limit of quotients. So take a small step $h$ and forget the limit. This is the **forward difference**:
#
# $$\frac{\partial f}{\partial x_2} \approx \frac{f(x_1, x_2 + h) - f(x_1, x_2)}{h}$$
#
# How good is it? Divide its error by the true value: that is the **relative error**. We say that $k$ digits are right if it is $10^{-k}$.


# %%
def quotient(h):
    return (f(2.0, 1.0 + h) - f(2.0, 1.0)) / h


def right_digits(answer):
    return -np.log10(abs(answer / df_dx2(2.0, 1.0) - 1))


for h in (0.1, 0.01, 0.001):
    print(f"h = {h:<5}   {quotient(h):.4f}   {right_digits(quotient(h)):.1f} right digits")

# %% [markdown]
# The answers approach the one by hand. A step that is ten times as small wins one more digit.
#
# **Before you read on, predict.** Python's floats carry about 16 digits. If we make $h$ as small as $10^{-14}$, how
# many digits of the quotient will be right? Say a number.
#
# The next picture has one row for each step. The digits that are right are bold.

# %%
from adlib.viz import figures

figures.show("digits")

# %% [markdown]
# *Sixteen steps, from $10^{-1}$ down to $10^{-16}$. The number of right digits grows, turns around near
# $10^{-8}$, and falls back to none. (Digits that are right need not look alike: the fourth row begins differently from
# the true value, and is very near it.)*
#
# Smaller is not better. About half of the digits is the most this quotient can give, and only if $h$ is chosen
# well. In the last row the computer answers 0: the function, it says, does not change at all.
#
# ## Slide it
#
# The explorer shows the same function, and six ways to differentiate it. **To move it, run this page first:** *Run → Run
# All Cells*. Until then, and on a plain web page, you see a picture of it without sliders; the text does not need them.
# (The *central difference* takes a point on either side, the *complex step* an imaginary $h$. Notebook 02 has both.)
#
# Try this:
#
# 1. Drag **step h** to the left, slowly, and watch the two topmost marks on the right.
# 2. Set **method** to *forward mode*, then drag **step h** again. What moves now, and what does not?
# 3. Drag **x₂** to its right end, past $\sqrt\pi$. What do the methods say where there is no function?

# %%
from adlib.viz.explorers import MethodsExplorer

MethodsExplorer()

# %% [markdown]
# *Left: the curve, and a line with the slope that the chosen method answers. Right: how far off each method is, on a
# scale where each tick is three digits.*
#
# **What you should have seen.** The two differences walk left, then turn around and walk back. The four others
# stand at the left edge, where all digits are right, and do not care: they have no step, or one that can be as tiny as
# you like. With *forward mode* chosen the line on the left stays, too. Beyond $\sqrt\pi$ the sine is negative, and so is what the
# logarithm should take. The explorer says so: no method can differentiate what is not there.
#
# Without a kernel, this picture makes the same point. Each difference is drawn with a step that suits it.

# %%
figures.show("methods")

# %% [markdown]
# *Relative errors for $\partial f/\partial x_2$ at $(2, 1)$. One method keeps half of the digits, one keeps two thirds, four keep
# all of them. The true value was computed with 50 digits.*
#
# ## What forward and reverse mode do
#
# Nobody made a quotient for forward mode and reverse mode, and nobody gave them a formula either. They got the
# same Python function `f` that you saw above, one line, unchanged. They ran it, and at each elementary
# operation they applied the one rule that calculus has for that operation. That is **automatic
# differentiation**.

# %%
import adlib

forward = adlib.jvp(f, (2.0, 1.0), (0.0, 1.0))[1]
reverse = adlib.grad(f, argnums=1)(2.0, 1.0)
print(f"by hand       {df_dx2(2.0, 1.0):.12f}")
print(f"forward mode  {forward:.12f}")
print(f"reverse mode  {reverse:.12f}")
assert np.allclose([forward, reverse], df_dx2(2.0, 1.0), rtol=1e-14)

# %% [markdown]
# Twelve decimals printed, twelve decimals the same. The rest of the series explains these two lines, slowly,
# until you could write them yourself.
#
# ## The map
#
# | | notebook | what it teaches |
# |---|---|---|
# | **00** | Start here | the map; one slider that surprises |
# | **01** | [Why derivatives](01_why_derivatives.ipynb) | a loss, its descent, the derivative by hand, the domain |
# | **02** | [Numerical differentiation](02_numerical_differentiation.ipynb) | quotients, their two errors, the best step, the complex step |
# | **03** | [Symbolic differentiation](03_symbolic_differentiation.ipynb) | rules that rewrite formulas, and how formulas swell |
# | **04** | [Computational graphs](04_computational_graphs.ipynb) | a program as the graph of what it did |
# | **05** | [Forward mode](05_forward_mode.ipynb) | tangents carried along, row by row |
# | **06** | [Dual numbers](06_dual_numbers.ipynb) | forward mode as arithmetic |
# | **07** | [Reverse mode](07_reverse_mode.ipynb) | adjoints carried back: every derivative in one pass |
# | **11** | [Cost](11_cost.ipynb) | which mode when, counted |
# | **12** | [A toy neural network](12_toy_neural_network.ipynb) | all of it at work |
# | **13** | [Custom gates](13_custom_gates.ipynb) | a rule of your own, and how to check it |
# | **14** | [Higher order](14_higher_order.ipynb) | derivatives of derivatives |
# | **15** | [Pitfalls](15_pitfalls.ipynb) | where the answer surprises, and what to do |
#
# (08 to 10 are kept free for pages that are still to be written.)
#
# They follow Sanyam Kapoor's article *The magic of Automatic Differentiation*, step by step, on its function.
# Where the article is wrong or loose, the notebook says so, and a cell shows it; all such places are on one
# page, the [errata](errata.md). Words and symbols are in the [glossary](glossary.md). What stands in the way of a derivative, and the way
# round, is on the page of [limits](limits.md).
#
# ## How to read
#
# - **Top to bottom.** What the text reports of a run, a cell has printed or drawn. *Run → Run All Cells* makes it again.
# - **Answer first.** A question in bold is worth half a minute of thought before you scroll.
# - **Slide.** Sliders move with the mouse and with the arrow keys. Nothing can break.
#
# In traces and in graphs one thing always has one colour and one mark (plots of methods and errors have legends of their own):
#
# | mark | stands for |
# |---|---|
# | ■ blue | an input |
# | ● grey | an operation, a *gate* |
# | ◆ purple | the output |
# | ● black | a value, the *primal* |
# | ▶ orange | a *tangent*: forward mode |
# | ◀ green | an *adjoint*: reverse mode |
#
# ## Exercises
#
# Where there are options, open the one that you believe: it says whether it is right, and why. Elsewhere replace the dots and run the cell.
# A hint is folded under each exercise. A solution is folded twice, its code and what it says: running all cells gives nothing away.
#
# **1.** A network has a million parameters and one loss. You want the derivative of the loss by every
# parameter. Which method needs the fewest runs of the network? (You have not learned this yet. Guess.)

# %% tags=["exercise"]
from adlib.lesson import exercises

exercises.ask("00-1")

# %% [markdown]
# <details><summary>Hint</summary>
#
# One of the modes is named after the direction in which it runs: from the one loss back to all parameters.
#
# </details>

# %% [markdown]
# **2.** A function has 1000 inputs. How many values of the function does the *forward difference* need for the
# derivative by each of them, all at one point?

# %% tags=["exercise"]
answer = ...
exercises.check("00-2", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Write down the quotient for the first input and for the second. Which value of the function do they share?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
inputs = 1000
exercises.solution("00-2", inputs + 1)

# %% [markdown]
# ## Take away
#
# 1. A difference quotient loses digits on both sides: to a step that is too large, and to one that is too small.
# 2. Automatic differentiation has no step. It applies exact rules to the operations that a program really executes.
# 3. It needs the program, not a formula.
#
# **Left out on purpose:** why the quotient turns around (that is [02](02_numerical_differentiation.ipynb)), and how the two
# modes work ([05](05_forward_mode.ipynb) and [07](07_reverse_mode.ipynb)).
#
# **Where it comes from:**
# S. Kapoor, *The magic of Automatic Differentiation*, 2017.
# A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind, [Automatic differentiation in machine learning: a
# survey](https://jmlr.org/papers/v18/17-468.html), JMLR 18(153), 2018.
# A. Griewank, A. Walther, [Evaluating Derivatives](https://doi.org/10.1137/1.9780898717761), 2nd ed., SIAM 2008.
