// Follows a running build: each event is one console line, already safe HTML of our own making.
const log = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");
if (log) {
  const list = log.querySelector("ol");
  list.replaceChildren();
  const source = new EventSource(log.dataset.live);
  const atEnd = () => innerHeight + scrollY >= document.body.scrollHeight - 80;
  source.addEventListener("line", event => {
    const follow = atEnd();
    const holder = document.createElement("template");
    holder.innerHTML = event.data;
    list.append(holder.content);
    while (list.childElementCount > 5000) list.firstElementChild.remove();
    if (follow) scrollTo(0, document.body.scrollHeight);
  });
  source.addEventListener("end", event => {
    source.close();
    state.textContent = "finished";
    state.className = "badge";
    if (event.data) location.assign(event.data);
  });
  source.addEventListener("error", () => {
    state.textContent = source.readyState === EventSource.CLOSED ? "connection lost" : "connecting again";
    state.className = "badge warn";
  });
  source.addEventListener("open", () => {
    list.replaceChildren();
    state.textContent = "running";
    state.className = "badge run";
  });
}
