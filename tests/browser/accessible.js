// Returns what axe-core objects to on this page, and the looks of text that it saw: {findings: [...], looks: [...]}.
// `known` holds the looks that were checked before. Contrast takes most of axe-core's time, and is the same wherever
// the same text stands in the same ancestors: it is checked where a look is seen first.
async (known) => {
  const number = (text) => {
    let [high, low] = [0xdeadbeef, 0x41c6ce57];
    for (let i = 0; i < text.length; i++) {
      high = Math.imul(high ^ text.charCodeAt(i), 2654435761);
      low = Math.imul(low ^ text.charCodeAt(i), 1597334677);
    }
    return (high >>> 0) * 2097152 + (low >>> 11);
  };
  const PAINTED = [
    "color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "textShadow", "position", "filter",
    "mixBlendMode",
  ];
  const looks = new Map();
  // Who an element is and how it is painted, and the same of all that it stands in.
  const look = (element) => {
    if (!element) return 0;
    if (!looks.has(element)) {
      const style = getComputedStyle(element);
      const own = [element.tagName, element.getAttribute("class"), ...PAINTED.map((name) => style[name])];
      looks.set(element, number([look(element.parentElement), ...own].join("|")));
    }
    return looks.get(element);
  };
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const hasText = (element) => element.matches("input, select, textarea") || [...element.childNodes].some(isText);
  const isVisible = (element) => element.checkVisibility({opacityProperty: true, visibilityProperty: true});
  const checked = new Set(known);
  const fresh = [...document.body.querySelectorAll("*")].filter(
    (element) => hasText(element) && isVisible(element) && !checked.has(look(element)),
  );
  const options = {resultTypes: ["violations"], preload: false};
  // WCAG 2.2's size of targets is a rule that axe-core leaves off unless it is asked for.
  const rules = {"color-contrast": {enabled: false}, "target-size": {enabled: true}};
  const results = [await axe.run({...options, rules})];
  if (fresh.length) results.push(await axe.run(fresh, {...options, runOnly: ["color-contrast"]}));
  const violations = results.flatMap((result) => result.violations);
  const findings = violations.flatMap((item) => item.nodes.map((node) => `${item.id}: ${node.target}`));
  return {findings, looks: [...new Set(fresh.map(look))]};
}
