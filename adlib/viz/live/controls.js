// Native controls with names, and the bar that walks. All texts come from Python.

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "html") node.innerHTML = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

// A control reads and writes what stands in a question: the index of a stop, or a text.
function control(spec, moved) {
  const name = { "aria-label": spec.aria };
  const label = h("span", { class: "al-label", html: spec.label, "aria-hidden": true });
  const box = (...parts) => h("div", { class: `al-control al-is-${spec.kind}` }, label, ...parts);
  if (spec.kind === "fixed") {
    return { root: box(h("code", {}, spec.start)), get: () => spec.start, put: () => {} };
  }
  if (spec.kind === "line") {
    const input = h("input", { type: "text", spellcheck: "false", autocomplete: "off", ...name });
    let said = spec.start; // what is being typed does not count yet
    const say = () => {
      if (input.value === said) return;
      said = input.value;
      moved(spec.name);
    };
    input.addEventListener("change", say);
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") say(); });
    return { root: box(input), input, get: () => said, put: (text) => { input.value = said = text; } };
  }
  let texts = spec.texts;
  const input = h("input", { type: "range", min: 0, max: texts.length - 1, step: 1, ...name });
  const output = h("output", { class: "al-output", "aria-hidden": true });
  output.style.minWidth = `${Math.max(1, ...texts.map((text) => text.length)) * 0.6}em`;
  const put = (k) => {
    input.value = k;
    const text = texts[+input.value] ?? "";
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => { put(+input.value); moved(spec.name); });
  return {
    root: box(input, output), input, get: () => +input.value, put,
    reach: (more) => { // a walk is as long as its frames are many
      texts = more;
      input.max = Math.max(0, more.length - 1);
    },
  };
}

const ICONS = {
  previous: "M11 3 5 8l6 5z M3 3h2v10H3z", next: "M5 3l6 5-6 5z M11 3h2v10h-2z", play: "M4 2.5 13 8l-9 5.5z",
  pause: "M4 3h3v10H4z M9 3h3v10H9z", reset: "M8 3a5 5 0 1 1-4.6 3l1.4.6A3.5 3.5 0 1 0 8 4.5V7L4.5 3.8 8 .6z",
};

// Previous, play, next, reset. `walk` has at(), last(), go(k), reset().
function bar(walk) {
  let timer = 0;
  const icon = (name) =>
    `<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
  const button = (name, act) =>
    h("button", { type: "button", class: "al-button", "aria-label": name, title: name, html: icon(name), onclick: act });
  const step = (by) => { pause(); walk.go(walk.at() + by); };
  const play = button("play", () => (timer ? pause() : start()));
  const shown = () => {
    const name = timer ? "pause" : "play";
    play.setAttribute("aria-label", name);
    play.title = name;
    play.innerHTML = icon(name);
  };
  const pause = () => { clearInterval(timer); timer = 0; shown(); };
  const start = () => {
    if (walk.at() >= walk.last()) walk.go(0);
    timer = setInterval(() => {
      if (walk.at() < walk.last()) walk.go(walk.at() + 1);
      if (walk.at() >= walk.last()) pause();
    }, 1000);
    shown();
  };
  const previous = button("previous", () => step(-1));
  const next = button("next", () => step(1));
  const reset = button("reset", () => { pause(); walk.reset(); });
  return {
    root: h("div", { class: "al-bar" }, previous, play, next, reset),
    toggle: () => (timer ? pause() : start()),
    pause, step, stop: () => clearInterval(timer),
  };
}
