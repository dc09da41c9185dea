// What is broader than its place is marked, and can be pushed aside by the arrow keys, too: then, and only then, Tab stops
// at it.
const broad = new ResizeObserver((all) => {
  for (const {target} of all) {
    target.classList.toggle("over", target.scrollWidth > target.clientWidth);
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const each of document.querySelectorAll("pre, .wide, .broad, .formula")) broad.observe(each);
