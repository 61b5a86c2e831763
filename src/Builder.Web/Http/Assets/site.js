// The page works without this file: it only adds copying, the theme switch, filtering and keys.
const root = document.documentElement;

const theme = document.querySelector(".theme");
if (theme) {
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    const system = matchMedia("(prefers-color-scheme: dark)").matches;
    const next = dark ? "light" : "dark";
    if ((next === "dark") === system) {
      delete root.dataset.theme;
      localStorage.removeItem("theme");
    } else {
      root.dataset.theme = next;
      localStorage.setItem("theme", next);
    }
  });
}

const enhance = () => {
  for (const item of document.querySelectorAll("[data-copy]")) {
    if (item.nextElementSibling?.classList.contains("copy")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "copy";
    button.setAttribute("aria-label", "Copy " + (item.dataset.copyName || item.textContent.trim().slice(0, 16)));
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(item.dataset.copy || item.innerText.trim());
        button.textContent = "copied";
      } catch {
        const range = document.createRange();
        range.selectNodeContents(item);
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        button.textContent = "selected";
      }
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
    item.after(button);
  }

  // What a visitor folded stays folded, in this browser.
  for (const part of document.querySelectorAll("details[data-fold]")) {
    const key = "fold:" + part.dataset.fold;
    if (localStorage.getItem(key)) part.open = false;
    part.addEventListener("toggle", () => part.open ? localStorage.removeItem(key) : localStorage.setItem(key, "1"));
  }

  const filter = document.querySelector("[data-filter]");
  if (filter) {
    filter.hidden = false;
    const rows = [...document.querySelectorAll(filter.dataset.filter)];
    const apply = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every(word => text.includes(word));
      }
      for (const card of document.querySelectorAll("[data-group]")) {
        card.hidden = ![...card.querySelectorAll("tbody tr")].some(row => !row.hidden);
      }
    };
    filter.addEventListener("input", apply);
    if (filter.value) apply();
  }
};
enhance();
addEventListener("refreshed", enhance);

addEventListener("keydown", event => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.querySelector(".search input").focus();
  }
});

// The search field offers names while somebody types: a combobox as ARIA describes it.
const field = document.querySelector(".search input");
if (field) {
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  field.after(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" }))
    field.setAttribute(name, value);
  let timer = 0, asked = null, chosen = -1;
  const close = () => {
    list.hidden = true;
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = index => {
    const options = [...list.children];
    chosen = (index + options.length + 1) % (options.length + 1);
    if (chosen === options.length) chosen = -1;
    options.forEach((option, at) => option.setAttribute("aria-selected", at === chosen));
    if (chosen < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", options[chosen].id);
      options[chosen].scrollIntoView({ block: "nearest" });
    }
  };
  const show = found => {
    list.replaceChildren(...found.map((one, at) => {
      const option = document.createElement("li");
      option.id = "suggestion-" + at;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.href = one.href;
      const group = document.createElement("span");
      group.className = "small dim";
      group.textContent = one.group;
      option.append(one.text, group);
      return option;
    }));
    chosen = -1;
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    field.removeAttribute("aria-activedescendant");
  };
  const ask = async () => {
    const query = field.value.trim();
    asked?.abort();
    if (!query) return close();
    asked = new AbortController();
    try {
      const answer = await fetch("/search/suggestions?q=" + encodeURIComponent(query), { headers: { accept: "application/json" }, signal: asked.signal });
      if (answer.ok && field.value.trim() === query && document.activeElement === field) show(await answer.json());
    } catch {
      // The next letter asks again; Enter searches without suggestions.
    }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  field.addEventListener("blur", close);
  // Before the field loses the focus.
  list.addEventListener("mousedown", event => {
    const option = event.target.closest("[data-href]");
    if (option) { event.preventDefault(); location.assign(option.dataset.href); }
  });
  field.addEventListener("keydown", event => {
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    else if (list.hidden) return;
    else if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? list.children.length - 1 : chosen - 1); }
    else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); location.assign(list.children[chosen].dataset.href); }
  });
}

const reloading = document.querySelector("[data-reload]");
if (reloading)
  setTimeout(() => location.reload(), reloading.dataset.reload * 1000);
