// One explorer: controls in a line, the picture, its words. `render` is what anywidget and a page call.

// JupyterLab and Notebook take plain keys from whatever has the focus, unless it carries this attribute. Shift+Enter,
// Escape and what is pressed with Control stay theirs.
function keys(root) {
  const guard = (event) => {
    const target = event.target;
    if (!(target instanceof Element) || !root.contains(target)) return;
    const theirs = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape" ||
      (event.shiftKey && event.key === "Enter");
    if (theirs) target.removeAttribute("data-lm-suppress-shortcuts");
    else target.setAttribute("data-lm-suppress-shortcuts", "true");
  };
  window.addEventListener("keydown", guard, true);
  return () => window.removeEventListener("keydown", guard, true);
}

function explorer(model, el) {
  const spec = model.get("spec");
  const first = model.get("state");
  const controls = new Map(), scenes = {};
  let state = first, frame = 0;

  const at = () => Object.fromEntries(
    [...controls].map(([name, one]) => [name, name === spec.walk ? one.get() + 1 : one.get()])); // steps count from 1
  const moved = (name) => {
    if (name === spec.walk) walk.go(controls.get(name).get());
    else asking.ask(at());
  };
  const last = () => Math.max(0, (state.frames ?? []).length - 1);
  const walk = {
    at: () => frame, last,
    go: (k) => {
      frame = Math.min(Math.max(k, 0), last());
      draw();
      asking.note(at());
    },
    reset: () => {
      for (const one of spec.controls) if (one.name !== spec.walk) controls.get(one.name).put(one.start);
      frame = (spec.controls.find((one) => one.name === spec.walk)?.start ?? 1) - 1;
      asking.ask(at());
    },
  };

  for (const one of spec.controls) controls.set(one.name, control(one, moved));
  const buttons = spec.walk ? bar(walk) : null;
  if (spec.walk) controls.get(spec.walk).input.addEventListener("pointerdown", () => buttons.pause());
  const line = h("div", { class: "al-controls" });
  for (const one of spec.controls) {
    const own = controls.get(one.name).root;
    line.append(one.name === spec.walk ? h("div", { class: "al-walking" }, buttons.root, own) : own);
  }
  const picture = h("div", { class: "al-picture", tabindex: 0, role: "group", "aria-label": `${spec.title}: picture` });
  const note = h("div", { class: "al-note", role: "status" });
  const words = h("div", { class: "al-words", "aria-live": "polite" });
  const root = h("div", { class: "al", role: "group", "aria-label": spec.title, "data-adlib-live": spec.title },
    line, picture, words, note);
  root.style.setProperty("--al-words", spec.room);

  const drawing = scene(picture, {
    go: (name) => { // the next frame about this, round the end
      const frames = state.frames ?? [];
      const order = frames.map((_, k) => (frame + 1 + k) % frames.length);
      const found = order.find((k) => frames[k].about?.includes(name));
      if (found !== undefined) { buttons?.pause(); walk.go(found); }
    },
    drag: (name, stops) => {
      const one = controls.get(name);
      if (!one?.input) return;
      one.put(one.get() + stops);
      moved(name);
    },
  });
  picture.addEventListener("keydown", (event) => {
    if (!buttons || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      ArrowLeft: () => buttons.step(-1), ArrowRight: () => buttons.step(1), " ": buttons.toggle,
      Home: () => buttons.step(-frame), End: () => buttons.step(last() - frame),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });

  function draw() {
    const frames = state.frames ?? [];
    Object.assign(scenes, model.get("scenes"));
    if (frames.length) {
      drawing.build(state.shape, scenes[state.shape]);
      frame = Math.min(frame, frames.length - 1);
      drawing.show(frames, frame);
      if (spec.walk) {
        const walking = controls.get(spec.walk);
        walking.reach(frames.map((_, k) => `${k + 1} of ${frames.length}`));
        walking.put(frame);
      }
      picture.querySelector("[role=img]")?.setAttribute("aria-label", `${spec.alt}${frames[frame].alt}`);
    }
    root.classList.toggle("al-pale", !frames.length); // what is shown belongs to the values before the mistake
    const told = (state.alert ?? "") + (frames[frame]?.words ?? "");
    if (words.innerHTML !== told) words.innerHTML = told;
    root.dataset.state = Object.values(at()).join("|");
  }

  function show(next, step) {
    state = next;
    if (step !== null) { // said by Python or by another view
      for (const one of spec.controls) if (one.name !== spec.walk) controls.get(one.name).put(next.at[one.name]);
      frame = Math.max(0, (step ?? 1) - 1);
    }
    draw();
  }

  const late = (yes) => {
    note.textContent = yes ? "No answer from Python yet. If this stays, run the cell again." : "";
  };
  const asking = feed(model, spec, { show, late });
  for (const one of spec.controls) if (one.name !== spec.walk) controls.get(one.name).put(first.at[one.name]);
  asking.keep(first);
  const release = keys(root);
  el.replaceChildren(root);
  show(first, first.step);
  // Where a style cannot reach it, as in Colab, the still picture beside this is put away here.
  for (const still of el.parentElement?.parentElement?.querySelectorAll?.(":scope > * .adlib-still") ?? []) still.hidden = true;
  return () => {
    release();
    asking.stop();
    buttons?.stop();
    root.remove();
  };
}

function render({ model, el }) {
  try {
    return explorer(model, el);
  } catch (error) {
    const told = `This explorer could not be shown (${error.message}). Below is its picture as it was saved.`;
    el.replaceChildren(h("p", { class: "al-broken" }, told));
    return () => {};
  }
}
