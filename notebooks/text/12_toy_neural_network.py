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
# # A toy neural network
#
# After this page you can write the training loop of a neural network, say what each of its lines does, and tell
# whether the network has learned anything.
#
# *Prerequisites:* reverse mode ([07](07_reverse_mode.ipynb)). *Time:* 40 minutes.
#
# Previous: [11 Cost](11_cost.ipynb) · Next: [13 Custom gates](13_custom_gates.ipynb) ·
# [Map](00_start_here.ipynb#The-map)

# %% tags=["colab"]
# In Google Colab, first upload the project's folder as adlib: this installs it. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '/content/adlib[viz]'")

# %% [markdown]
# ## How many derivatives?
#
# The article ends with a program: a network with two layers, trained in PyTorch. We will run it on `adlib`. Here is what
# it computes. Each of $N = 64$ examples has $D_{in} = 1000$ inputs and $D_{out} = 10$ targets, and between them are
# $H = 100$ hidden units:
#
# $$
# \begin{aligned}
# z &= x\,W_1^\mathsf{T} + b_1 & &\text{a linear layer} \\
# a &= \max(z, 0) & &\text{ReLU, entry by entry} \\
# \hat y &= a\,W_2^\mathsf{T} + b_2 & &\text{another linear layer} \\
# L &= \textstyle\sum (\hat y - y)^2 & &\text{the loss: one number}
# \end{aligned}
# $$
#
# Training means: change $W_1, b_1, W_2, b_2$ so that $L$ gets smaller. For that we need $\partial L/\partial w$ for every entry $w$ of
# all four.
#
# **Before you read on:** how many entries is that? How many passes of forward mode would their derivatives take, and how
# many of reverse mode?

# %%
import numpy as np

from adlib.lesson import examples

N, D_in, H, D_out = 64, 1000, 100, 10
x, y, weights = examples.article_network(seed=0)  # NumPy's standard normal numbers, and PyTorch's rule for weights
for name, w in weights.items():
    print(f"{name:9} {w.shape!s:12} {w.size:7,}")
print(f"together  {sum(w.size for w in weights.values()):20,}")

# %% [markdown]
# 101,110. So forward mode takes 101,110 passes, and reverse mode takes one. This is why networks are trained in reverse mode.
#
# ## The way back, by hand
#
# You know everything you need from notebook 07. Four lines forward; then the same lines from the last to the first, and each hands
# its adjoint on.
#
# **Predict:** $\bar a$ comes out of the second linear layer. What does the ReLU do to it on its way to $\bar z$?


# %%
def by_hand(x, y, w1, b1, w2, b2):
    z = x @ w1.T + b1
    a = np.maximum(z, 0)
    e = a @ w2.T + b2 - y
    loss = np.sum(e**2)

    e_bar = 2 * e  # from here on backwards
    b2_bar = e_bar.sum(axis=0)  # b2 was added to each of the N rows: N contributions
    w2_bar = e_bar.T @ a
    a_bar = e_bar @ w2
    z_bar = a_bar * (z > 0)
    b1_bar = z_bar.sum(axis=0)
    w1_bar = z_bar.T @ x
    return loss, [w1_bar, b1_bar, w2_bar, b2_bar]


loss, gradients = by_hand(x, y, *weights.values())
print(f"loss {loss:.6f}, and {sum(g.size for g in gradients):,} derivatives")

# %% [markdown]
# The ReLU is a gate in the literal sense: where $z > 0$ it lets the adjoint pass, elsewhere nothing comes through.
#
# This is all of backpropagation: seven lines of calculus for two layers. Is it right? Ask reverse mode for all
# derivatives, and forward mode for a single one.

# %%
import adlib


def loss_of(w1, b1, w2, b2):
    return np.sum((np.maximum(x @ w1.T + b1, 0) @ w2.T + b2 - y) ** 2)


value, found = adlib.value_and_grad(loss_of, argnums=(0, 1, 2, 3))(*weights.values())  # one pass
print("all agree:", all(np.allclose(f, g, rtol=1e-9, atol=1e-9) for f, g in zip(found, gradients, strict=True)))

seeds = [np.zeros(w.shape) for w in weights.values()]
seeds[0][7, 500] = 1.0  # one weight moves
_, slope = adlib.jvp(loss_of, tuple(weights.values()), tuple(seeds))  # one pass, too
print(f"reverse mode, entry [7, 500] of W1: {found[0][7, 500]:.9f}")
print(f"forward mode, that entry:           {slope:.9f}")
assert np.isclose(found[0][7, 500], slope, rtol=1e-10)

# %% [markdown]
# One pass of forward mode, one number. 101,109 are still missing.
#
# ## The same, without the hand
#
# Here is the article's program. `nn` and `optim` are parameters of the function, for a reason that will be clear soon.
# `watch` counts like `range`, and shows a progress bar and the loss as it falls.

# %%
from adlib.viz.training import watch


def program(nn, optim, x, y, weights, lr=1e-4, steps=500):
    (H, D_in), (D_out, _) = weights["0.weight"].shape, weights["2.weight"].shape
    model = nn.Sequential(nn.Linear(D_in, H), nn.ReLU(), nn.Linear(H, D_out))
    model.load_state_dict(weights)
    loss_function = nn.MSELoss(reduction="sum")
    optimizer = optim.SGD(model.parameters(), lr=lr)
    losses = []
    for _ in watch(steps, losses):
        prediction = model(x)
        loss = loss_function(prediction, y)
        optimizer.zero_grad()  # forget the old gradients: backward() adds
        loss.backward()  # one reverse pass
        optimizer.step()  # w ← w − lr · ∂L/∂w
        losses.append(loss.item())
    return model, losses


# %% [markdown]
# **Before you run it:** `backward()` only ever adds to a parameter's `grad`, as notebook 07 showed. What would happen without `zero_grad()`?

# %%
from adlib import nn, optim

model, losses = program(nn, optim, x, y, weights)
for step in (0, 1, 100, 200, 300, 400, 499):
    print(f"step {step:3}: loss {losses[step]:.4g}")
assert np.isclose(losses[0], loss, rtol=1e-12)  # the one that we computed by hand

# %% [markdown]
# The loss falls by a factor of more than $10^8$. And without `zero_grad()`? Then `p.grad` is the sum of *all* gradients so far, most of
# them of weights that are long gone:

# %%
forgetful = nn.Sequential(nn.Linear(D_in, H), nn.ReLU(), nn.Linear(H, D_out))
forgetful.load_state_dict(weights)
loss_function, optimizer = nn.MSELoss(reduction="sum"), optim.SGD(forgetful.parameters(), lr=1e-4)
for step in range(31):
    loss = loss_function(forgetful(x), y)
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:3}: loss {loss.item():.4g}")

# %% [markdown]
# It runs downhill, and cannot stop. No error is raised, because adding up is sometimes what one wants.
#
# Is the first step of the right program the gradient that we derived by hand?

# %%
one_step, _ = program(nn, optim, x, y, weights, steps=1)
for (name, parameter), gradient in zip(one_step.named_parameters(), gradients, strict=True):
    print(f"{name:9} {np.allclose(parameter.value, weights[name] - 1e-4 * gradient, rtol=1e-12)}")

# %% [markdown]
# ## Beside PyTorch
#
# `program` does not know whose `nn` it has been given. If you have PyTorch, give it PyTorch's:
#
# ```python
# import torch
#
# torch.set_default_dtype(torch.float64)
# theirs, their_losses = program(
#     torch.nn,
#     torch.optim,
#     torch.from_numpy(x),
#     torch.from_numpy(y),
#     {name: torch.from_numpy(w) for name, w in weights.items()},
# )
# ```
#
# PyTorch is a large package, and this series does not ask you to install it. So the cell below reads a *recorded* run: PyTorch, the same
# data, the same weights, in float64. `python -m tests.tools.reference` makes the record anew, and `make test-peers` runs
# the lines above and holds them against it.

# %%
from adlib.lesson import data

recorded = data.pytorch_run()
print(f"recorded with PyTorch {recorded.version.partition('+')[0]}")
for step in (0, 1, 100, 499):
    print(f"step {step:3}: adlib {losses[step]:.9g}, PyTorch {recorded.losses[step]:.9g}")
relative = np.abs(np.array(losses) / recorded.losses - 1)
print(f"all {len(losses)} agree within 1e-9, relatively: {bool(np.all(relative < 1e-9))}")
assert np.all(relative < 1e-9)

# %% [markdown]
# None of the 500 losses is off by more than a billionth. There is nothing in PyTorch's arithmetic here that you have not seen.
#
# ## What did it learn?
#
# A loss of $2 \cdot 10^{-6}$ looks like a triumph. **Before you read on:** the targets $y$ are random numbers, drawn
# independently of $x$. What is there to learn? And how could you find out what the network has learned?
#
# Give it examples that it has not seen, made in the same way.

# %%
fresh_x, fresh_y, _ = examples.article_network(seed=1)
print(f"on the examples it was trained on:   {losses[-1]:.1e}")
print(f"on fresh ones:                       {loss_function(model(fresh_x), fresh_y).item():.1f}")
print(f"always answering 0, on fresh ones:   {np.sum(fresh_y**2):.1f}")

# %%
from adlib.viz import figures

figures.show("losses-beside-pytorch")

# %% [markdown]
# *The article's program: the loss of `adlib` and of PyTorch, and of the same network on fresh noise.*
#
# On fresh examples the network is *worse* than a program that always answers 0. It has **memorised** 64 random answers, and
# 101,110 parameters are plenty for that. The article calls it training, and does not say this. Its program is a fine test of the
# machinery, and no example of learning.
#
# ## Three words beside the code
#
# **"Forward mode".** The article writes this next to `model(x)`. Is forward mode at work there? Forward mode would
# carry tangents. Look for a derivative:

# %%
prediction = one_step(x)
one_step.zero_grad()
have = [p.grad is not None for p in one_step.parameters()]
print(f"after model(x):    {sum(have)} of {len(have)} parameters have a derivative")
loss_function(prediction, y).backward()
have = [p.grad is not None for p in one_step.parameters()]
print(f"after backward():  {sum(have)} of {len(have)}")

# %% [markdown]
# `model(x)` computes values and keeps a tape, nothing else. It is the forward *pass* of *reverse* mode. Forward mode was our `jvp` above.
#
# **"Stochastic".** The optimizer is called `SGD`, stochastic gradient descent. **Where in the program is there chance?**
# Run it again, and compare.

# %%
_, again = program(nn, optim, x, y, weights, steps=20)
print("the same losses again:", np.allclose(again, losses[:20], rtol=1e-12))

# %% [markdown]
# There is none. Every step uses all 64 examples: this is plain gradient descent. It would be stochastic if each step drew a few
# examples at random. Their gradient, scaled up, is right only on average:

# %%
_, full = by_hand(x, y, *weights.values())
parts = [by_hand(x[k : k + 16], y[k : k + 16], *weights.values())[1] for k in range(0, 64, 16)]
for part in parts:  # the gradient by W1: 1 is the same direction, 0 a right angle
    cosine = np.sum(part[0] * full[0]) / np.linalg.norm(part[0]) / np.linalg.norm(full[0])
    print(f"16 examples: cosine of the angle to the full gradient {cosine:.2f}")
mean = np.mean([4 * part[0] for part in parts], axis=0)
print("the mean of all four, times 4, is the full gradient:", np.allclose(mean, full[0], rtol=1e-10, atol=1e-10))

# %% [markdown]
# Each quarter points roughly the right way, for a quarter of the work. That is the bargain of stochastic gradient descent. On millions of
# examples, which resemble each other more than noise does, it pays.
#
# **`Variable`, `size_average=False`, `loss.data[0]`.** The article's PyTorch is that of 2017. The record holds what PyTorch
# answers to these today:

# %%
for old, answer in recorded.old_api.items():
    print(f"{old}\n    {answer[:100]}")

# %% [markdown]
# `Variable` has done nothing since 2018 but return a tensor: tensors keep the tape themselves. `size_average=False` became
# `reduction="sum"`. (The article's comment calls it the *mean* squared error. It is the sum, and the learning rate $10^{-4}$ is chosen for the sum: exercise 1.) And a loss has no axis to index, so one writes `loss.item()`. (In `adlib` the class that keeps a tape
# *is* called `Variable`: NumPy's arrays do not keep one.)
#
# ## Digits, and a held-out half
#
# Now something that can be learned. `adlib` ships handwritten digits, points of grey in small squares, written by several people. The
# network gets 64 inputs and 10 outputs; the target is 1 at the digit that was meant, and 0 elsewhere. It learns from the first half. The
# second half is **held out**: it is there to ask whether it has *learned*, and for nothing else.
#
# **Predict:** how many of 100 held-out digits will it read right? Somebody who guesses gets 10.

# %%
images, labels = data.handwritten_digits()
print(f"{len(images)} digits of {images.shape[1]} × {images.shape[2]} points")
pixels, targets = images.reshape(-1, 64), np.eye(10)[labels]
_, _, digit_weights = examples.article_network(seed=0, sizes=(898, 64, 100, 10))


def score(model, chosen):
    return np.mean(np.argmax(model(pixels[chosen]), axis=1) == labels[chosen])


seen, held_out = np.arange(898), np.arange(898, 1797)
reader, _ = program(nn, optim, pixels[seen], targets[seen], digit_weights, lr=3e-4, steps=300)
print(f"seen:     {score(reader, seen):.0%} read right")
print(f"held out: {score(reader, held_out):.0%} read right")

# %%
figures.show("handwritten-digits")

# %% [markdown]
# *Digits that the network has never seen. Above, ten that it reads right; below, ten that it reads wrong.*
#
# The same function `program`, not a line changed. The difference is in the data: here the targets have something to do with the inputs.
# To see that this is the *whole* difference, take it away. Give the network a hundred digits, once with their labels, and once with
# the same labels dealt out at random.

# %%
hundred = np.arange(100)
_, _, wide_weights = examples.article_network(seed=0, sizes=(100, 64, 200, 10))
dealt_out = np.random.default_rng(2).permutation(targets[hundred])
for name, wanted in (("their own labels", targets[hundred]), ("shuffled labels", dealt_out)):
    reader, _ = program(nn, optim, pixels[hundred], wanted, wide_weights, lr=1e-3, steps=700)
    learned = np.mean(np.argmax(reader(pixels[hundred]), axis=1) == np.argmax(wanted, axis=1))
    print(f"{name}: {learned:.0%} of those seen, {score(reader, held_out):.0%} of those held out")

# %% [markdown]
# Both times the training is a success, judged by what was seen. Only the held-out digits tell learning from memorising.
#
# And the held-out half must be held out honestly. The file seems to keep each writer's digits together, so nearly all of our second half comes from other
# hands than the first. **What if we had shuffled all digits before we split them?**

# %%
order = np.random.default_rng(0).permutation(len(labels))
mixed, rest = order[:898], order[898:]
reader, _ = program(nn, optim, pixels[mixed], targets[mixed], digit_weights, lr=3e-4, steps=300)
print(f"held out, but from the same hands: {score(reader, rest):.0%} read right")

# %% [markdown]
# A better score, for an easier question: reading the handwriting of people whose digits one has studied.
#
# ## Watch it train
#
# A hundred digits, and a network that you can change. Each move starts a new run, which is drawn while it trains.
#
# 1. Raise the **learning rate** step by step from $10^{-3}$ to $10^{-1}$. When does it stop learning, and how does that look?
# 2. Lower it to $10^{-6}$. What is wrong now?
# 3. Back to $10^{-3}$. Slide the **width** to 1, to 10, to 200. What does it change in the digits held out?
# 4. Set **labels** to *shuffled*, with width 200. Which of the two curves falls, and which rises?
# 5. Choose **activation** *none*, at a learning rate of $3.2 \cdot 10^{-4}$. How much worse is a network without a ReLU?

# %%
from adlib.viz.explorers import TrainingExplorer

TrainingExplorer()

# %% [markdown]
# *Left: the loss per digit, while it trains. Right: how many of the digits the network reads right.*

# %%
figures.show("learning-rates")

# %% [markdown]
# *The same for five learning rates, with width 50.*

# %%
from adlib.viz.training import Run

for width in (1, 20, 100):
    run = Run(lr=1e-3, width=width).advance()
    print(f"width {width:3}: {run.score('seen'):.0%} of those seen, {run.score('held out'):.0%} of those held out")

# %% [markdown]
# **What you should have seen.** There is a window. Below it the steps are too small to arrive in 600. Above it the network breaks, in
# one of two ways. Either every hidden unit is pushed below 0 for every digit, and then no adjoint comes back through the ReLUs any more: the
# loss stands still at a bad value. Or each step overshoots by more than the last, and the loss diverges. A single hidden unit learns next
# to nothing. Twenty learn much, and a hundred hardly more, as far as the digits held out can tell. With shuffled labels, the loss on the digits seen still falls, while
# the loss on the digits held out *rises* above that of knowing nothing. Without an activation, two linear layers are one linear
# layer; on these digits even that reads most of them.
#
# ## Exercises
#
# **1.** With `reduction="mean"` the loss is divided by the number of its entries, $N \cdot D_{out} = 64 \cdot 10$. Which
# learning rate makes the same steps as `lr=1e-4` does with `reduction="sum"`?

# %% tags=["exercise"]
from adlib.lesson import exercises

answer = ...
exercises.check("12-1", answer)

# %% [markdown]
# <details><summary>Hint</summary>
#
# If the loss is divided by 640, what happens to its gradient? The step is the learning rate times the gradient.
#
# </details>

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
exercises.solution("12-1", 1e-4 * 64 * 10)

# %% [markdown]
# **2.** Which of these would make the program's gradient descent stochastic?

# %% tags=["exercise"]
exercises.ask("12-2")

# %% [markdown]
# <details><summary>Hint</summary>
#
# A step is stochastic if its *gradient* is a random number. The loss is a sum; who asks a sum for its order?
#
# </details>

# %% [markdown]
# **3.** Write the way back of the same network with $\tanh$ in place of the ReLU. Return the four gradients, of `w1`, `b1`, `w2` and `b2`.


# %% tags=["exercise"]
def tanh_by_hand(x, y, w1, b1, w2, b2): ...


exercises.check("12-3", tanh_by_hand)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Only two lines of `by_hand` change. With $a = \tanh z$, the local derivative is $1 - a^2$.
#
# </details>


# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution
def tanh_by_hand_solution(x, y, w1, b1, w2, b2):
    a = np.tanh(x @ w1.T + b1)
    e_bar = 2 * (a @ w2.T + b2 - y)
    z_bar = (e_bar @ w2) * (1 - a**2)
    return z_bar.T @ x, z_bar.sum(axis=0), e_bar.T @ a, e_bar.sum(axis=0)


exercises.solution("12-3", tanh_by_hand_solution)

# %% [markdown]
# ## Take away
#
# 1. Predict, loss, `zero_grad`, `backward`, `step`: one forward pass, one reverse pass, one step against the gradient. One reverse pass gives
#    all 101,110 derivatives.
# 2. `adlib` and PyTorch compute the same, to nine digits and more. What PyTorch adds is speed, devices and a thousand gates.
# 3. A loss that falls does not show that anything was learned. Ask examples that were held out.
#
# **Left out on purpose:** losses made for classes (cross-entropy), which would suit the digits better than squares; better
# optimizers (`optim.SGD` has `momentum`, the first of them); regularisation and how to choose a width without looking at the held-out half; other
# layers.
#
# **Where it comes from:**
# S. Kapoor, *The magic of Automatic Differentiation*, 2017 (the program); after J. Johnson's
# [Learning PyTorch with examples](https://docs.pytorch.org/tutorials/beginner/pytorch_with_examples.html).
# D. E. Rumelhart, G. E. Hinton, R. J. Williams, [Learning representations by back-propagating errors](https://doi.org/10.1038/323533a0),
# Nature 323, 1986.
# H. Robbins, S. Monro, [A stochastic approximation method](https://doi.org/10.1214/aoms/1177729586), Annals of Mathematical
# Statistics 22, 1951 (where "stochastic" comes from).
# L. Bottou, F. E. Curtis, J. Nocedal, [Optimization methods for large-scale machine learning](https://doi.org/10.1137/16M1080173),
# SIAM Review 60, 2018.
# C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals, [Understanding deep learning requires rethinking
# generalization](https://arxiv.org/abs/1611.03530), ICLR 2017 (shuffled labels).
# E. Alpaydin, C. Kaynak, [Optical recognition of handwritten digits](https://doi.org/10.24432/C50P49), UCI Machine Learning
# Repository, 1998 (the digits, CC BY 4.0).
# [PyTorch 0.4.0 migration guide](https://pytorch.org/blog/pytorch-0_4_0-migration-guide/), 2018 (tensors instead of variables).
#
# Next: [13 Custom gates](13_custom_gates.ipynb) · Previous: [11 Cost](11_cost.ipynb) ·
# [Map](00_start_here.ipynb#The-map)
