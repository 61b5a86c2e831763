// Follows what changes: pages by one stream of events a browser, the console of a running build by a stream of its own. Tools of consoles.
const regions = () => [...document.querySelectorAll("[data-refresh]")];

if (regions().length) {
  let last = null, running = false, again = false;
  const busy = () => document.hidden || !getSelection().isCollapsed
    || regions().some(region => region.contains(document.activeElement) && document.activeElement.matches("input, select, textarea, button"));
  const refresh = async () => {
    if (running || busy()) { again = true; return; }
    running = true;
    again = false;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      const text = answer.ok ? await answer.text() : last;
      if (text === last || busy()) { again = text !== last; return; }
      last = text;
      const fresh = new DOMParser().parseFromString(text, "text/html").querySelectorAll("[data-refresh]");
      const old = regions();
      if (fresh.length !== old.length) return;
      const focused = document.activeElement?.getAttribute("href");
      old.forEach((region, place) => {
        const open = [...region.querySelectorAll("details")].map(one => one.open);
        const filter = region.querySelector("[data-filter]")?.value;
        region.replaceWith(fresh[place]);
        fresh[place].querySelectorAll("details").forEach((one, index) => { if (index in open) one.open = open[index]; });
        if (filter) fresh[place].querySelector("[data-filter]").value = filter;
      });
      if (focused) document.querySelector(`[data-refresh] a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      dispatchEvent(new Event("refreshed"));
    } finally {
      running = false;
    }
  };
  setInterval(() => { if (again) refresh(); }, 1000);
  const channel = new BroadcastChannel("builder-changes");
  channel.addEventListener("message", refresh);
  // One tab holds the stream and tells the others; when it is closed, another one takes over.
  const follow = () => new Promise(() => {
    const open = () => {
      const source = new EventSource("/events");
      source.addEventListener("change", () => { channel.postMessage(0); refresh(); });
      source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) setTimeout(open, 15000); });
    };
    open();
  });
  if (navigator.locks) navigator.locks.request("builder-changes", follow);
  else follow();
}

const view = document.querySelector(".log");
if (view) {
  const lines = () => [...view.querySelectorAll("li")];
  const bar = document.createElement("div");
  bar.className = "tools row";
  const button = (text, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button quiet";
    made.textContent = text;
    made.addEventListener("click", () => press(made));
    bar.append(made);
    return made;
  };

  // Search: "/" begins, Enter goes on, Shift and Enter back.
  const field = document.createElement("input");
  field.type = "search";
  field.className = "field";
  field.placeholder = "Search in the console";
  field.setAttribute("aria-label", "Search in the console");
  field.setAttribute("aria-keyshortcuts", "/");
  const count = document.createElement("span");
  count.className = "dim small";
  count.setAttribute("role", "status");
  bar.append(field, count);
  let hits = [], place = -1;
  const show = step => {
    hits[place]?.classList.remove("here");
    place = hits.length ? (place + step + hits.length) % hits.length : -1;
    count.textContent = field.value ? (hits.length ? `${place + 1} of ${hits.length}` : "none") : "";
    if (place < 0) return;
    const hit = hits[place];
    hit.classList.add("here");
    hit.hidden = false;
    hit.closest("details")?.setAttribute("open", "");
    hit.scrollIntoView({ block: "center" });
  };
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase();
    for (const hit of hits) hit.classList.remove("hit", "here");
    hits = wanted ? lines().filter(line => line.querySelector("span").textContent.toLowerCase().includes(wanted)) : [];
    for (const hit of hits) hit.classList.add("hit");
    place = -1;
    show(1);
  });
  field.addEventListener("keydown", event => {
    if (event.key === "Enter") { event.preventDefault(); show(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") { field.value = ""; field.dispatchEvent(new Event("input")); field.blur(); }
  });
  addEventListener("keydown", event => {
    if (event.key === "/" && !event.target.closest("input, textarea, select") && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      event.stopImmediatePropagation();
      field.focus();
    }
  }, true);

  const flip = (name, text) => {
    const made = button(text, () => {
      const on = view.classList.toggle(name);
      made.setAttribute("aria-pressed", on);
      localStorage.setItem("console-" + name, on ? "1" : "");
      dispatchEvent(new Event("console-" + name));
    });
    const on = localStorage.getItem("console-" + name) === "1";
    view.classList.toggle(name, on);
    made.setAttribute("aria-pressed", on);
  };
  flip("nowrap", "Long lines");
  if (view.dataset.started) {
    flip("absolute", "Time of day");
    const started = Date.parse(view.dataset.started);
    const stamp = line => {
      const time = line.querySelector("i");
      time.dataset.since ??= time.textContent;
      const seconds = parseFloat(time.dataset.since);
      time.textContent = view.classList.contains("absolute") && !isNaN(seconds)
        ? new Date(started + seconds * 1000).toISOString().slice(11, 19) : time.dataset.since;
    };
    const all = () => lines().forEach(stamp);
    addEventListener("console-absolute", all);
    addEventListener("console-line", event => stamp(event.detail));
    all();
  }
  button("Download", () => {
    const raw = view.dataset.raw;
    const link = document.createElement("a");
    link.download = "console.txt";
    link.href = raw || URL.createObjectURL(new Blob([lines().map(line => line.querySelector("span").textContent + "\n").join("")]));
    link.click();
  });

  // Groups as scripts of GitHub, GitLab and Buildkite mark them, and opam's own headings: the line that begins one folds it. What is folded stays so for this job.
  const foldKey = "folded:" + (view.dataset.job || "");
  const foldedNames = () => JSON.parse(localStorage.getItem(foldKey) || "[]");
  const starts = /^(?:::group::|--- |\+\+\+ |~~~ |section_start:\d+:|<><> )([^\r]*)/;
  const ends = /^(?:::endgroup::|section_end:)/;
  let group = null;
  const fold = (line, name, folded) => {
    line.classList.toggle("folded", folded);
    line.querySelector("button").setAttribute("aria-expanded", !folded);
    for (const one of lines()) if (one.dataset.of === line.id) one.hidden = folded;
  };
  const sort = line => {
    const text = line.querySelector("span").textContent;
    if (!group?.isConnected) group = null;
    if (ends.test(text)) { group = null; line.hidden = true; return; }
    const name = starts.exec(text)?.[1].replace(/(?: *[<>]+)+ *$/, "").trim();
    if (name) {
      group = line;
      line.classList.add("group");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => {
        const folded = !line.classList.contains("folded");
        fold(line, name, folded);
        const names = foldedNames().filter(one => one !== name);
        localStorage.setItem(foldKey, JSON.stringify(folded ? [...names, name].slice(-100) : names));
      });
      line.querySelector("span").replaceChildren(button);
      fold(line, name, foldedNames().includes(name));
    } else if (group) { line.dataset.of = group.id; line.hidden = group.classList.contains("folded"); }
  };
  lines().forEach(sort);
  addEventListener("console-line", event => sort(event.detail));

  // Permalinks: a number links to its line, with Shift to the lines from the last one to it.
  const mark = scroll => {
    const range = /^#L(\d+)-L(\d+)$/.exec(location.hash);
    for (const line of lines()) {
      const number = +line.id.slice(1);
      line.classList.toggle("in", !!range && number >= +range[1] && number <= +range[2]);
    }
    if (scroll && range) document.getElementById("L" + range[1])?.scrollIntoView({ block: "center" });
  };
  view.addEventListener("click", event => {
    const link = event.target.closest("li > a");
    const from = /^#L(\d+)/.exec(location.hash);
    if (!link || !event.shiftKey || !from) return;
    event.preventDefault();
    const [first, end] = [+from[1], +link.textContent].sort((a, b) => a - b);
    history.replaceState(null, "", `#L${first}-L${end}`);
    mark(false);
  });
  addEventListener("hashchange", () => mark(true));
  mark(true);

  if (view.dataset.live) {
    const state = document.querySelector("[data-live-state]");
    const say = (text, style) => { state.textContent = text; state.className = "badge " + style; };
    const list = view.querySelector("ol");
    const atEnd = () => innerHeight + scrollY >= document.body.scrollHeight - 120;
    let held = null;
    const add = html => {
      const follow = atEnd();
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const line = holder.content.firstElementChild;
      list.append(holder.content);
      while (list.childElementCount > 5000) list.firstElementChild.remove();
      if (line) dispatchEvent(new CustomEvent("console-line", { detail: line }));
      if (follow) scrollTo(0, document.body.scrollHeight);
    };
    const pause = button("Pause", made => {
      if (held) { const waiting = held; held = null; waiting.forEach(add); scrollTo(0, document.body.scrollHeight); }
      else held = [];
      made.textContent = held ? "Resume" : "Pause";
      made.setAttribute("aria-pressed", !!held);
    });
    const source = new EventSource(view.dataset.live);
    source.addEventListener("open", () => { list.replaceChildren(); held = held && []; say("running", "run"); });
    source.addEventListener("line", event => {
      if (!held) { add(event.data); return; }
      if (held.push(event.data) > 5000) held.shift();
      pause.textContent = `Resume (${held.length} new)`;
    });
    source.addEventListener("error", () => say(source.readyState === EventSource.CLOSED ? "connection lost" : "connecting again", "warn"));
    source.addEventListener("end", async event => {
      source.close();
      say("finished", "");
      if (held) return;
      // The result is uploaded now: its address leads to the build as soon as it is there.
      for (let tries = 0; tries < 40; tries++) {
        const answer = await fetch(event.data + "?script", { method: "HEAD" });
        if (answer.ok && answer.redirected) {
          location.assign(answer.url);
          return;
        }
        await new Promise(wait => setTimeout(wait, 750));
      }
    });
  }
  view.before(bar);
}
