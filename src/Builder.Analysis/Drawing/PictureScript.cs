namespace Builder.Analysis.Drawing;

/// <summary>
/// What script adds to a picture's page: a search field, tiles that stay pinned, zoom. Served as a file of its own, under the address given as
/// <c>ScriptUrl</c>; it makes no markup out of names.
/// </summary>
public static class PictureScript
{
    public const string MediaType = "text/javascript";

    public static string Source { get; } =
        """
            "use strict";
            (() => {
              const pictures = [...document.querySelectorAll("svg.pic")];
              const field = document.createElement("input");
              field.type = "search";
              field.placeholder = "Search in the picture";
              field.setAttribute("aria-label", field.placeholder);
              field.className = "find";
              document.body.prepend(field);
              const parts = [...document.querySelectorAll("svg.pic .t")].map(e => [e, e.querySelector("title").textContent.toLowerCase()]);
              field.addEventListener("input", () => {
                const word = field.value.trim().toLowerCase();
                for (const [part, text] of parts) part.classList.toggle("faint", word !== "" && !text.includes(word));
              });

              // A click pins what is said of a part; another one, or Escape, lets it go.
              const unpin = () => document.querySelectorAll(".pinned").forEach(e => e.classList.remove("pinned"));
              // The wheel with Ctrl zooms about the pointer; Escape shows all again.
              for (const picture of pictures) {
                const whole = picture.getAttribute("viewBox");
                picture.addEventListener("click", event => {
                  const part = event.target.closest(".t"), was = part && part.classList.contains("pinned");
                  unpin();
                  if (part && !was) part.classList.add("pinned");
                  picture.classList.toggle("pins", Boolean(part) && !was);
                });
                picture.addEventListener("wheel", event => {
                  if (!event.ctrlKey) return;
                  event.preventDefault();
                  const [x, y, w, h] = picture.getAttribute("viewBox").split(" ").map(Number), [, , W, H] = whole.split(" ").map(Number);
                  const box = picture.getBoundingClientRect(), fx = (event.clientX - box.left) / box.width, fy = (event.clientY - box.top) / box.height;
                  const by = Math.min(Math.max(w * (event.deltaY > 0 ? 1.2 : 1 / 1.2), W / 40), W) / w;
                  const nx = Math.min(Math.max(0, x + fx * w * (1 - by)), W - w * by), ny = Math.min(Math.max(0, y + fy * h * (1 - by)), H - h * by);
                  picture.setAttribute("viewBox", [nx, ny, w * by, h * by].join(" "));
                }, { passive: false });
                addEventListener("keydown", event => { if (event.key === "Escape") { picture.setAttribute("viewBox", whole); picture.classList.remove("pins"); unpin(); } });
              }
            })();
            """;
}
