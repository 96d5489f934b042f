/* The code's QR leads to /report/status#CODE: what stands behind # is never sent, so the code gets
 * into no log. Here it is put into the field. Without this file the code is typed. */
(() => {
  "use strict";
  const field = document.getElementById("f-code");
  function fill() {
    const code = window.location.hash.slice(1);
    if (!field || !/^[0-9A-Z]{8}$/.test(code)) return;
    field.value = code;
    history.replaceState(null, "", window.location.pathname);
  }
  window.addEventListener("hashchange", fill);
  fill();
})();
