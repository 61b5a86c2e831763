// Follows what changes: the console of a running build by events, the activity page by fetching it again.
const log = document.querySelector("[data-live]");
const state = document.querySelector("[data-live-state]");
const say = (text, style) => { state.textContent = text; state.className = "badge " + style; };

if (log) {
  const list = log.querySelector("ol");
  const source = new EventSource(log.dataset.live);
  const atEnd = () => innerHeight + scrollY >= document.body.scrollHeight - 120;
  source.addEventListener("open", () => { list.replaceChildren(); say("running", "run"); });
  source.addEventListener("line", event => {
    const follow = atEnd();
    const holder = document.createElement("template");
    holder.innerHTML = event.data;
    list.append(holder.content);
    while (list.childElementCount > 5000) list.firstElementChild.remove();
    if (follow) scrollTo(0, document.body.scrollHeight);
  });
  source.addEventListener("error", () => say(source.readyState === EventSource.CLOSED ? "connection lost" : "connecting again", "warn"));
  source.addEventListener("end", async event => {
    source.close();
    say("finished", "");
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

if (document.querySelector("[data-refresh]")) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-refresh]");
    if (fresh) document.querySelector("[data-refresh]").replaceWith(fresh);
  }, 3000);
}
