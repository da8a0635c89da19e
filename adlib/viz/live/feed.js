// What is asked, and who answers: a kernel with one question out and the newest values next, or recorded states.

function feed(model, spec, { show, late }) {
  const by = Math.random().toString(36).slice(2);
  const names = spec.controls.map((one) => one.name).filter((name) => name !== spec.walk);
  const key = (at) => names.map((name) => at[name]).join("|");
  const cache = new Map();
  let n = 0, out = false, again = null, timer = 0;
  const keep = (state) => {
    if (cache.size > 400) cache.clear();
    cache.set(key(state.at), state);
  };

  function send(at) {
    out = true;
    again = null;
    model.set("asked", { n: ++n, by, at });
    model.save_changes();
    clearTimeout(timer);
    timer = setTimeout(() => late(true), 2500);
  }

  // The kernel sends the neighbours along, so most moves are drawn before it answers.
  function ask(at) {
    const known = cache.get(key(at));
    if (known) show(known, null);
    if (out) again = at;
    else send(at);
  }

  function answered() {
    const state = model.get("state");
    keep(state);
    for (const other of state.also ?? []) keep({ shape: state.shape, ...other });
    if (state.by !== by) { // Python, or another view of the same explorer
      if (!again) show(state, state.step);
      return;
    }
    if (state.n !== n) return;
    out = false;
    clearTimeout(timer);
    late(false);
    if (again) send(again);
    else show(state, null);
  }

  // Where the walk stands is told when it rests, and nobody answers.
  let rest = 0;
  function note(at) {
    clearTimeout(rest);
    rest = setTimeout(() => {
      if (out) return;
      model.set("asked", { n: 0, by, at });
      model.save_changes();
    }, 400);
  }

  model.on("change:state", answered);
  const stop = () => {
    clearTimeout(timer);
    clearTimeout(rest);
    model.off("change:state", answered);
  };
  return { ask, note, keep, stop };
}

// The same interface over states that were recorded.
function recorded(data) {
  const first = data.states[data.start];
  const held = { spec: data.spec, scenes: data.scenes, state: { ...first, n: 0, by: "" }, asked: {} };
  const heard = new Map();
  const names = data.spec.controls.map((one) => one.name).filter((name) => name !== data.spec.walk);
  return {
    get: (name) => held[name],
    set: (name, value) => { held[name] = value; },
    on: (name, act) => heard.set(name, [...(heard.get(name) ?? []), act]),
    off: (name, act) => heard.set(name, (heard.get(name) ?? []).filter((one) => one !== act)),
    send: () => {},
    save_changes: () => {
      const { n, by, at } = held.asked;
      const state = data.states[names.map((name) => at[name]).join("|")];
      if (!n || !state) return;
      held.state = { ...state, n, by };
      for (const act of heard.get("change:state") ?? []) act();
    },
  };
}
