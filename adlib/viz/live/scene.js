// A picture made of elements: built once a shape; a frame says of each what it shows and how it looks.

function scene(root, { go, drag }) {
  let shape = null, parts = new Map(), now = new Map(), linked = [];

  function build(name, html) {
    if (name === shape) return;
    shape = name;
    root.innerHTML = html;
    parts = new Map([...root.querySelectorAll("[data-k]")].map((node) =>
      [node.dataset.k, { node, plain: node.getAttribute("class") ?? "" }]));
    now = new Map();
    linked = [...root.querySelectorAll("[data-link]")].map((node) => [node, node.dataset.link.split(" ")]);
  }

  // Frames hold what changes from the one before.
  function show(frames, k) {
    const wanted = new Map();
    for (const frame of frames.slice(0, k + 1)) {
      for (const [key, look] of Object.entries(frame.set)) wanted.set(key, look);
    }
    for (const [key, { node, plain }] of parts) {
      const [looks, html] = wanted.get(key) ?? ["", ""];
      const [hadLooks, hadHtml] = now.get(key) ?? [null, ""];
      if (looks !== hadLooks) node.setAttribute("class", looks ? `${plain} ${looks}` : plain);
      if (html !== hadHtml) node.innerHTML = html;
      now.set(key, [looks, html]);
    }
  }

  // Node, row and edges that belong together light up together.
  function hover(names) {
    for (const [node, own] of linked) {
      node.toggleAttribute("data-hover", names.length > 0 && own.every((name) => names.includes(name)));
    }
  }
  const names = (event) => event.target.closest?.("[data-link]")?.dataset.link.split(" ") ?? [];
  root.addEventListener("pointerover", (event) => hover(names(event)));
  root.addEventListener("pointerleave", () => hover([]));

  // A click goes to the next frame about what was clicked; dragging an input moves its slider.
  let start = null;
  root.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest?.("[data-drag]");
    start = { x: event.clientX, handle, moved: 0 };
    if (handle) handle.setPointerCapture?.(event.pointerId);
  });
  root.addEventListener("pointermove", (event) => {
    if (!start?.handle) return;
    const stops = Math.trunc((event.clientX - start.x) / 7) - start.moved;
    if (!stops) return;
    start.moved += stops;
    drag(start.handle.dataset.drag, stops);
  });
  root.addEventListener("pointerup", (event) => {
    if (start && Math.abs(event.clientX - start.x) < 4) {
      const [name, ...more] = names(event);
      if (name && !more.length) go(name);
    }
    start = null;
  });
  root.addEventListener("pointercancel", () => { start = null; });
  return { build, show };
}
