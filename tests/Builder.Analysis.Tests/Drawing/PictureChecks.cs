using Microsoft.Playwright;

namespace Builder.Analysis.Tests.Drawing;

/// <summary>What must hold for every picture, measured in the browser.</summary>
internal static class PictureChecks
{
    /// <summary>Texts that lie on one another, that leave their tile or the picture, and inks too near to what they stand on.</summary>
    private const string Script = """
        () => {
          const problems = [];
          const shown = e => e.checkVisibility({ visibilityProperty: true });
          const svg = [...document.querySelectorAll('svg.pic')].find(shown);
          if (!svg) return ['no picture is shown'];
          const frame = svg.getBoundingClientRect();
          const corners = e => { const b = e.getBBox(), m = e.getScreenCTM(); const dx = 0.5, dy = b.height * 0.16;
            return [[b.x + dx, b.y + dy], [b.x + b.width - dx, b.y + dy], [b.x + b.width - dx, b.y + b.height - dy], [b.x + dx, b.y + b.height - dy]]
              .map(([x, y]) => [m.a * x + m.c * y + m.e, m.b * x + m.d * y + m.f]); };
          const apart = (p, q) => [[p, q], [q, p]].some(([s]) => [0, 1].some(i => {
            const ax = s[i + 1][1] - s[i][1], ay = s[i][0] - s[i + 1][0];
            const range = c => { const v = c.map(([x, y]) => ax * x + ay * y); return [Math.min(...v), Math.max(...v)]; };
            const [a, b] = range(p), [c, d] = range(q); return b <= c || d <= a; }));
          const texts = [...svg.querySelectorAll('text:not(.r text)')].filter(e => shown(e) && e.textContent.length > 0)
            .map(e => ({ e, box: e.getBoundingClientRect(), c: corners(e) })).sort((a, b) => a.box.left - b.box.left);
          if (texts.length < 3) problems.push('hardly any text');
          texts.forEach((t, i) => {
            for (let j = i + 1; j < texts.length && texts[j].box.left < t.box.right; j++)
              if (texts[j].box.top < t.box.bottom && texts[j].box.bottom > t.box.top && !apart(t.c, texts[j].c))
                problems.push(`"${t.e.textContent}" lies on "${texts[j].e.textContent}"`);
            if (t.box.left < frame.left - 1 || t.box.right > frame.right + 1 || t.box.bottom > frame.bottom + 1 || t.box.top < frame.top - 1)
              problems.push(`"${t.e.textContent}" leaves the picture`);
            const tile = t.e.parentElement.querySelector(':scope > rect');
            if (tile && t.e.parentElement.classList.contains('t')) {
              const r = tile.getBoundingClientRect();
              if (t.box.right > r.right + 0.5 || t.box.bottom > r.bottom + 2 || t.box.left < r.left) problems.push(`"${t.e.textContent}" leaves its tile`);
            }
          });
          const rgb = s => s.match(/[\d.]+/g).map(Number);
          const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
          const paper = rgb(getComputedStyle(svg.querySelector('.paper')).fill);
          const worst = {};
          texts.forEach(({ e }) => {
            const tile = e.parentElement.classList.contains('t') ? e.parentElement.querySelector(':scope > rect') : null;
            const s = tile && getComputedStyle(tile), o = s ? Number(s.fillOpacity) : 1;
            const ground = s ? rgb(s.fill).map((v, i) => v * o + paper[i] * (1 - o)) : paper;
            const ratio = contrast(rgb(getComputedStyle(e).fill), ground);
            const key = tile ? tile.getAttribute('class') : 'paper';
            if (ratio < 4.5 && !worst[key]) { worst[key] = ratio; problems.push(`contrast ${ratio.toFixed(2)} of "${e.textContent}" on ${key}`); }
          });
          if (document.documentElement.scrollWidth > innerWidth) problems.push('the page scrolls sideways');
          return problems.slice(0, 20);
        }
        """;

    public static async Task<string[]> ProblemsAsync(IPage page) => await page.EvaluateAsync<string[]>(Script);

    /// <summary>What is said of a tile that is pointed at, or that has the focus.</summary>
    public static Task<string> ReadoutAsync(IPage page) =>
        page.EvaluateAsync<string>(
            "() => [...document.querySelectorAll('svg.pic .r text')].filter(e => e.checkVisibility({ visibilityProperty: true })).map(e => e.textContent).join('|')"
        );
}
