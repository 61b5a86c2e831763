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

const reloading = document.querySelector("[data-reload]");
if (reloading)
  setTimeout(() => location.reload(), reloading.dataset.reload * 1000);
