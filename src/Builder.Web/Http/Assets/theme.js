// Runs before the page shows, so that a chosen theme does not flash the other one.
const kept = localStorage.getItem("theme");
if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
