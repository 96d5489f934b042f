/* On the wall: the arrow keys, the space bar and page keys go to the next and the previous case.
 * Without this file the links do. */
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const forward = ["ArrowRight", "ArrowDown", "PageDown"].includes(event.key);
    const back = ["ArrowLeft", "ArrowUp", "PageUp"].includes(event.key);
    const link = document.querySelector(forward ? "a[rel=next]" : back ? "a[rel=prev]" : "a[rel=none]");
    if (!link) return;
    event.preventDefault();
    link.click();
  });
})();
