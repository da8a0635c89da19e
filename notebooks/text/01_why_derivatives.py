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
# # Why derivatives
#
# After this page you can say what a machine learns when it learns, what the derivative does for it, and what a derivative costs by hand.
#
# *Prerequisites:* the rules of differentiation, and a little Python. *Time:* 30 minutes.
#
# Previous: [00 Start here](00_start_here.ipynb) · Next: [02 Numerical differentiation](02_numerical_differentiation.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## Learning is looking for a minimum
#
# Here are six measurements. They look as if they lay on a line.

# %%
import numpy as np

X = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
Y = np.array([1.1, 1.4, 2.2, 2.4, 3.1, 3.3])

# %% [markdown]
# So let us *suppose* that $Y = f(X, \theta)$, where $f$ is a line and $\theta = (a, b)$ has its two numbers. That is a **model**. For each
# $\theta$ it says what it expects:


# %%
def model(X, a, b):
    return a + b * X


def loss(a, b):
    return np.mean((model(X, a, b) - Y) ** 2)


for a, b in ((3.0, -1.0), (2.0, 0.5), (1.0, 1.0)):
    print(f"a = {a}, b = {b:4}: loss {loss(a, b):.4f}")

# %% [markdown]
# The **loss** $L(X, Y, \theta)$ says how far the model is from the measurements: here, the mean of the squared differences. The data are given.
# Only $\theta$ can change. To learn from the data is to find
#
# $$\hat\theta = \operatorname*{arg\,min}_\theta\; L(X, Y, \theta).$$
#
# **Before you read on:** how would you look for it, if you could only evaluate the loss?
#
# Try all pairs on a grid, perhaps. With 100 values for each parameter, and as many parameters as the article's small network has:

# %%
weights = 1000 * 100 + 100 + 100 * 10 + 10
print(f"2 parameters: {100**2:,} losses")
print(f"{weights:,} parameters: a number of {2 * weights + 1:,} digits")

# %% [markdown]
# Nobody can search there. One needs to know, from where one stands, *which way is down*.
#
# ## Which way is down
#
# The derivative $\partial L/\partial a$ says how fast the loss grows when $a$ grows. Both together are the **gradient**
# $\nabla_\theta L = (\partial L/\partial a,\ \partial L/\partial b)$. The loss is a mean of squares, so its gradient is quickly worked out:


# %%
def gradient(a, b):
    off = model(X, a, b) - Y
    return np.mean(2 * off), np.mean(2 * off * X)


angles = np.radians(np.arange(360))
after = [loss(3.0 + 1e-3 * np.cos(angle), -1.0 + 1e-3 * np.sin(angle)) for angle in angles]
a_slope, b_slope = gradient(3.0, -1.0)
print(f"a small step in each of 360 directions: the loss grows most at {np.argmax(after)}°")
print(f"the gradient's direction: {np.degrees(np.arctan2(b_slope, a_slope)) % 360:.1f}°")

# %% [markdown]
# The gradient points to where the loss grows fastest. So go the other way, a little, and look again:
#
# $$\theta \leftarrow \theta - \eta\,\nabla_\theta L$$
#
# This is **gradient descent**, and $\eta$ is the *learning rate*.

# %%
a, b = 3.0, -1.0
for step in range(101):
    if step in (0, 1, 2, 10, 100):
        print(f"step {step:3}: a = {a:.4f}, b = {b:7.4f}, loss {loss(a, b):.4f}")
    a_slope, b_slope = gradient(a, b)
    a, b = a - 0.2 * a_slope, b - 0.2 * b_slope

# %% [markdown]
# For lines there is a formula that gives the answer at once (least squares). It agrees:

# %%
best_b, best_a = np.polyfit(X, Y, 1)
print(f"least squares: a = {best_a:.4f}, b = {best_b:7.4f}, loss {loss(best_a, best_b):.4f}")
assert np.allclose((a, b), (best_a, best_b), atol=1e-3)

# %%
from adlib.viz import figures

figures.show("loss-surface")

# %% [markdown]
# *The same descent, seen twice. Each point on the right is a line on the left.*
#
# For most models there is no formula for the answer. Gradient descent only asks for the derivative of the loss. It is the one thing that the model has to
# supply, and we worked it out on paper. This series is about not having to. Here it comes from `loss` itself:

# %%
import adlib

a_slope, b_slope = adlib.grad(loss, argnums=(0, 1))(3.0, -1.0)
print(f"by adlib: {a_slope:.9f}, {b_slope:.9f}")
print("by hand:  {:.9f}, {:.9f}".format(*gradient(3.0, -1.0)))
assert np.allclose((a_slope, b_slope), gradient(3.0, -1.0), rtol=1e-14)

# %% [markdown]
# ## How large a step?
#
# The gradient says which way, not how far. **Predict:** we took $\eta = 0.2$. What happens with $0.02$? And with $0.4$?

# %%
for rate in (0.02, 0.2, 0.4):
    a, b = 3.0, -1.0
    for _ in range(100):
        a_slope, b_slope = gradient(a, b)
        a, b = a - rate * a_slope, b - rate * b_slope
    print(f"rate {rate}: loss {loss(a, b):.3g} after 100 steps")

# %% [markdown]
# Too small, and it is still on its way. Too large, and each step lands higher on the other side than it started: the descent climbs without
# bound. The gradient is a promise about small steps only.
#
# **The article calls its method "stochastic" gradient descent.** It is not. Each of its steps uses the gradient of the whole loss, over all data, as ours did.
# That is plain gradient descent. *Stochastic* means that each step draws some of the data at random. Compare:


# %%
def train(seed, batch):
    random = np.random.default_rng(seed)
    a, b = 3.0, -1.0
    for _ in range(100):
        drawn = random.choice(6, size=batch, replace=False)
        off = model(X[drawn], a, b) - Y[drawn]
        a, b = a - 0.1 * np.mean(2 * off), b - 0.1 * np.mean(2 * off * X[drawn])
    return a, b


for batch, name in ((6, "all six data in each step"), (1, "one datum in each step")):
    same = np.allclose(train(0, batch), train(1, batch), rtol=1e-9)
    print(f"{name}: two runs {'agree' if same else 'differ'}")

# %% [markdown]
# With all the data there is nothing left to chance. With one datum there is: cheap steps, and right on average:

# %%
off = model(X, 3.0, -1.0) - Y  # at the start of the descent
print("from one datum each, by a:", np.round(2 * off, 1).tolist())
print(f"their mean: {np.mean(2 * off):.6f};  from all six: {gradient(3.0, -1.0)[0]:.6f}")

# %% [markdown]
# (PyTorch's class is called `SGD` either way. What makes it stochastic is what one feeds it.)
#
# ## A derivative by hand
#
# A line is easy. What does a derivative cost when the formula has a few more parts? From here on, the series follows this
# function:
#
# $$f(x_1, x_2) = x_1\,\sqrt{\log\frac{x_1}{\sin(x_2^2)}}$$
#
# **Try it yourself first:** take a sheet of paper and find $\partial f/\partial x_2$. Count the lines.
#
# Write $s = \sin(x_2^2)$ and $r = \log(x_1/s)$, so that $f = x_1 \sqrt r$. Each line takes off one layer:
#
# $$
# \begin{aligned}
# \frac{\partial f}{\partial x_2} &= x_1 \cdot \frac{1}{2\sqrt r} \cdot \frac{\partial r}{\partial x_2} && \text{root} \\
# \frac{\partial r}{\partial x_2} &= \frac{s}{x_1} \cdot \frac{\partial}{\partial x_2}\frac{x_1}{s} && \text{logarithm} \\
# \frac{\partial}{\partial x_2}\frac{x_1}{s} &= -\frac{x_1}{s^2} \cdot \frac{\partial s}{\partial x_2} && \text{quotient} \\
# \frac{\partial s}{\partial x_2} &= \cos(x_2^2) \cdot \frac{\partial}{\partial x_2} x_2^2 && \text{sine} \\
# \frac{\partial}{\partial x_2} x_2^2 &= 2 x_2 && \text{square} \\
# \frac{\partial f}{\partial x_2} &= \frac{x_1}{2\sqrt r} \cdot \frac{s}{x_1} \cdot \left(-\frac{x_1}{s^2}\right) \cdot \cos(x_2^2) \cdot 2x_2
#   && \text{put together} \\
# &= -\frac{x_1 x_2 \cot(x_2^2)}{\sqrt{\log\left(x_1 / \sin(x_2^2)\right)}} && \text{tidied up}
# \end{aligned}
# $$
#
# And $x_1$ stands in two places, so its derivative needs the product rule:
#
# $$\frac{\partial f}{\partial x_1} = \sqrt r + x_1 \cdot \frac{1}{2\sqrt r} \cdot \frac{\partial r}{\partial x_1}
#   = \sqrt r + \frac{1}{2\sqrt r}, \qquad\text{as}\quad \frac{\partial r}{\partial x_1} = \frac{s}{x_1} \cdot \frac1s = \frac{1}{x_1}.$$


# %%
def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


def df_dx1(x1, x2):
    root = np.sqrt(np.log(x1 / np.sin(x2**2)))
    return root + 1 / (2 * root)


def df_dx2(x1, x2):
    return -x1 * x2 / np.tan(x2**2) / np.sqrt(np.log(x1 / np.sin(x2**2)))


for point in ((2.0, 1.0), (3.0, 0.5)):
    by_hand = df_dx1(*point), df_dx2(*point)
    print(f"at {point}: f = {f(*point):.9f}, gradient ({by_hand[0]:.9f}, {by_hand[1]:.9f})")
    assert np.allclose(adlib.grad(f, argnums=(0, 1))(*point), by_hand, rtol=1e-14)

# %% [markdown]
# Seven lines for one derivative of one short formula, and a chance for a slip in each. `adlib` agrees with both, and nobody had to
# tell it anything but `f`. How does it know? Look at the lines again: each uses *one* rule, for *one* operation, and hands the rest on. That is
# dull work, and dull work can be done by a machine. How, is what the other notebooks are about.
#
# ## Where is f defined?
#
# **Predict:** what does Python answer for $f(0.5, 1)$? And for $f(2, 2)$?

# %%
import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for x1, x2 in ((2.0, 1.0), (0.5, 1.0), (2.0, 2.0)):
        caught.clear()
        value, quotient = f(x1, x2), x1 / np.sin(x2**2)
        said = caught[-1].message if caught else "nothing"
        print(f"f({x1}, {x2}) = {value:.6f}, x₁/sin(x₂²) = {quotient:.4f}, NumPy warns of: {said}")

# %% [markdown]
# `nan`, "not a number". In the second row the quotient is below 1, so its logarithm is negative and has no root. In the third the quotient itself is
# negative. NumPy says so once, in a warning that is easily overlooked, and goes on. From then on, everything computed from it is `nan`,
# too, and so is every derivative:

# %%
with np.errstate(invalid="ignore"):
    print("gradient at (0.5, 1):", adlib.grad(f, argnums=(0, 1))(0.5, 1.0))

# %% [markdown]
# **The article does not say where its function exists.** It does where $x_1 / \sin(x_2^2) \ge 1$. If we keep to $x_1 > 0$, that means two things:
# $\sin(x_2^2) > 0$, and $x_1 \ge \sin(x_2^2)$. On the edge, where both sides are equal, $f$ is 0. **And the gradient?** Walk towards the edge:

# %%
for distance in (1e-2, 1e-4, 1e-6, 0.0):
    x1 = float(np.sin(1.0)) + distance
    value, slopes = adlib.value_and_grad(f, argnums=(0, 1))(x1, 1.0)
    print(f"{distance:g} from the edge: f = {value:.6f}, gradient ({slopes[0]:.2f}, {slopes[1]:.2f})")

# %% [markdown]
# It is ten times as large each time the distance falls to a hundredth, and on the edge it is infinite. So a function needs more than a value to have a
# derivative. Here is the whole domain:

# %%
figures.show("domain")

# %% [markdown]
# *Left: $f$, with contours, and its edge. There are pieces with negative $x_1$, too, where both numbers in the quotient are negative. Right: across the edge.*
#
# ## Walk on it
#
# Now both halves of this page together: gradient descent on $f$.
#
# 1. Look at the arrow before you move anything. It is the gradient. At which angle does it cross the contour line?
# 2. Drag **steps** up, slowly. Where does the path want to go, and why does it turn?
# 3. Take 60 steps. Then raise **learning rate** notch by notch. What ends the descent?
# 4. Can you find a learning rate at which the path zigzags?
# 5. Put the start into the upper piece, at $(3, 2.8)$. Then put it into the grey.

# %%
from adlib.viz.explorers import DescentExplorer

DescentExplorer()

# %% [markdown]
# *Left: the start (white), its gradient (the arrow, always equally long), the path. Right: $f$ after each step.*
#
# **What you should have seen.** The arrow is at a right angle to the contour line: along a contour $f$ does not change, so none of
# the gradient points along it. The path first runs across to $x_2 = \sqrt{\pi/2} \approx 1.25$, where $\sin(x_2^2)$ is
# largest, then along this valley to the left, downhill all the way to the edge. There, $f$ is smallest and the gradient is infinite, so
# at last a step is too large, and leaves the domain. In the grey there is no gradient, and the explorer says which operation fails. As for the zigzag:

# %%
for rate in (0.05, 0.25, 0.35):
    x, path = np.array([3.0, 0.5]), []
    for _ in range(6):
        path.append(f"{x[1]:.2f}")
        x = x - rate * np.array(adlib.grad(f, argnums=(0, 1))(*x))
        if not np.sin(x[1] ** 2) > 0:
            path.append(f"{x[1]:.2f}, outside the domain")
            break
    print(f"rate {rate}: x₂ goes {' '.join(path)}")

# %% [markdown]
# At the second rate the path jumps from one side of the valley to the other. At the third, its first step lands outside the domain.

# %%
figures.show("descent-on-f")

# %% [markdown]
# *Three descents from $(3, 0.5)$. A red cross marks the first step that has no value.*
#
# That is why losses are made to be smooth, and to have their minimum inside their domain: a mean of squares has both. $f$ has neither. It is here to
# be differentiated, not to be minimised.
#
# ## Exercises
#
# **1.** The survey by Baydin and others follows $y = \log x_1 + x_1 x_2 - \sin x_2$. Write $\partial y/\partial x_2$.


# %% tags=["exercise"]
from adlib.lesson import exercises


def survey_slope(x1, x2): ...


exercises.check("01-1", survey_slope)

# %% [markdown]
# <details><summary>Hint</summary>
#
# $x_1$ stands still. Which of the three terms move?
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("01-1", lambda x1, x2: x1 - np.cos(x2))

# %% [markdown]
# **2.** The loss is $\theta^2$, and a descent starts at $\theta = 1$. From which learning rate on does it no longer get nearer to 0?

# %% tags=["exercise"]
answer = ...
exercises.check("01-2", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# What does one step make of $\theta$? Try $\eta = 0.1$, $0.5$ and $2$.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
lines = []
for rate in (0.1, 0.5, 0.9, 1.0, 1.1):
    theta = 1.0
    for _ in range(10):
        theta -= rate * 2 * theta
    lines.append(f"rate {rate}: |θ| = {abs(theta):.4f} after 10 steps")
exercises.solution("01-2", 1.0, *lines)

# %% [markdown]
# **3.** Let $x_1 = 2$, and let $x_2$ grow from 0. At which $x_2$ does $f$ cease to exist? Three digits will do.

# %% tags=["exercise"]
answer = ...
exercises.check("01-3", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# There are two conditions. One of them holds for every $x_2$, because no sine is larger than 1.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
with np.errstate(invalid="ignore"):
    line = f"f(2, 1.772) = {f(2.0, 1.772):.4f}, f(2, 1.773) = {f(2.0, 1.773):.4f}"
exercises.solution("01-3", np.sqrt(np.pi), line)

# %% [markdown]
# **4.** A program has 60,000 images. For each step of its descent it draws 64 of them at random and takes the gradient of *their* loss. Which kind of
# gradient descent is this?

# %% tags=["exercise"]
exercises.ask("01-4")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Start the program twice. Does it take the same steps?
#
# </details>

# %% [markdown]
# ## Take away
#
# 1. Training looks for parameters with a small loss. The gradient says which way is down; how far to go, it does not say.
# 2. By hand, a derivative costs a line for each operation. Each line uses one local rule.
# 3. Outside its domain a function has no derivative, and at the edge it may be infinite. NumPy answers `nan` and `inf`, and goes on.
#
# **Left out on purpose:** everything that makes descents faster (momentum, Newton's method); whether a minimum is the best one; whether the model is any
# good on data that it has not seen. Notebook 12 trains a network and returns to the last question.
#
# **Where it comes from:**
# A. Cauchy, *Méthode générale pour la résolution des systèmes d'équations simultanées*, Comptes rendus 25, 1847 (gradient descent).
# H. Robbins, S. Monro, [A stochastic approximation method](https://doi.org/10.1214/aoms/1177729586), Annals of Mathematical Statistics 22, 1951
# (the stochastic one).
# A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind,
# [Automatic differentiation in machine learning: a survey](https://jmlr.org/papers/v18/17-468.html), JMLR 18(153), 2018.
# The article: S. Kapoor, *The magic of Automatic Differentiation*, 2017; its first two sections, and the function.
#
# Next: [02 Numerical differentiation](02_numerical_differentiation.ipynb) · Previous: [00 Start here](00_start_here.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
