// Judges the page in the frame: text that overlaps other text, is cut off, leaves the window or is too faint to read.
// Writes the window's width and scheme, then a line a fault, into the pre.
addEventListener('load', () => {
  const frame = document.querySelector('iframe'), page = frame.contentDocument, view = frame.contentWindow;
  const faults = [];
  const texts = [];

  // the part of a rectangle that its scrolling or clipping ancestors show
  function shown(rect, element) {
    let box = { left: rect.left, top: rect.top, right: rect.right, bottom: rect.bottom };
    for (let e = element; e; e = e.parentElement) {
      if (view.getComputedStyle(e).overflowX !== 'visible' && e !== page.documentElement && e !== page.body) {
        const r = e.getBoundingClientRect();
        box = { left: Math.max(box.left, r.left), top: Math.max(box.top, r.top),
          right: Math.min(box.right, r.right), bottom: Math.min(box.bottom, r.bottom) };
      }
    }
    return box;
  }
  const name = text => "'" + text.trim().slice(0, 40) + "'";
  const channels = colour => colour.match(/[\d.]+/g).map(Number);

  // the colour behind an element: translucent layers over the first opaque one
  function behind(element) {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const c = channels(view.getComputedStyle(e).backgroundColor);
      layers.push(c);
      if (c.length < 4 || c[3] === 1) break;
    }
    const white = view.matchMedia('(prefers-color-scheme: dark)').matches ? [20, 20, 20] : [255, 255, 255];
    return layers.reverse().reduce((under, [r, g, b, a = 1]) =>
      [r, g, b].map((v, i) => v * a + under[i] * (1 - a)), white);
  }
  const luminance = rgb => rgb.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);

  if (page.documentElement.scrollWidth > view.innerWidth) {
    faults.push('page is wider than the window: ' + page.documentElement.scrollWidth);
  }
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || element.closest('title, style, script')) continue;
    const range = page.createRange();
    range.selectNodeContents(node);
    const style = view.getComputedStyle(element);
    for (const rect of range.getClientRects()) {
      const box = shown(rect, element);
      const scrolls = element.closest('.scroll');
      if (!scrolls && (rect.right > box.right + 1 || rect.left < box.left - 1
          || rect.left < -1 || rect.right > view.innerWidth + 1)) {
        faults.push('cut: ' + name(node.data));
      }
      const svg = element.closest('svg');
      if (svg) {
        const r = svg.getBoundingClientRect();
        if (rect.left < r.left - 1 || rect.right > r.right + 1 || rect.top < r.top - 1 || rect.bottom > r.bottom + 1) {
          faults.push('cut by its chart: ' + name(node.data));
        }
      }
      if (box.right > box.left && box.bottom > box.top) texts.push({ box, text: node.data, element });
    }
    const fore = luminance(channels(svgOrText(style, element))), back = luminance(behind(element));
    if ((Math.max(fore, back) + 0.05) / (Math.min(fore, back) + 0.05) < 4.5) faults.push('faint: ' + name(node.data));
  }
  function svgOrText(style, element) {
    return element.closest('svg') ? style.fill : style.color;
  }
  texts.sort((a, b) => a.box.top - b.box.top);
  for (let i = 0; i < texts.length; i++) {
    for (let j = i + 1; j < texts.length && texts[j].box.top < texts[i].box.bottom - 3; j++) {
      const a = texts[i].box, b = texts[j].box;
      if (texts[i].element !== texts[j].element
          && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) {
        faults.push('overlap: ' + name(texts[i].text) + ' and ' + name(texts[j].text));
      }
    }
  }
  const dark = view.matchMedia('(prefers-color-scheme: dark)').matches;
  document.querySelector('pre').textContent =
    ['width ' + view.innerWidth + ', dark ' + dark, ...new Set(faults)].join('\n');
});
