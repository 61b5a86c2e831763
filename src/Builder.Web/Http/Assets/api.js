// Lets a visitor try each operation; without it the page is a reference.
for (const form of document.querySelectorAll("form.try")) {
  form.hidden = false;
  form.addEventListener("submit", async event => {
    event.preventDefault();
    let address = form.dataset.path;
    const query = new URLSearchParams();
    for (const input of form.querySelectorAll("input")) {
      if (input.dataset.in === "path") address = address.replace(`{${input.name}}`, input.value.split("/").map(encodeURIComponent).join("/"));
      else if (input.value) query.set(input.name, input.value);
    }
    if (query.size) address += "?" + query;
    const result = form.nextElementSibling;
    const [status, body] = result.children;
    result.hidden = false;
    const answer = await fetch(address, { headers: { Accept: form.dataset.accept } });
    const type = answer.headers.get("Content-Type") || "no content";
    const text = /json|text/.test(type) ? await answer.text() : `${(await answer.blob()).size} bytes`;
    status.textContent = `${answer.redirected ? "led to " + new URL(answer.url).pathname + ": " : ""}${answer.status} ${answer.statusText} · ${type}`;
    let shown = text;
    if (type.includes("json")) shown = JSON.stringify(JSON.parse(text), null, 2);
    body.textContent = shown.length > 20000 ? shown.slice(0, 20000) + "\n…" : shown;
  });
}
