/* The rule editor's comfort: the result follows while you type, a name is put in by a click, the
 * mistake's place is marked. Without this file the buttons "Try" and "Search" do the same. */
(() => {
  "use strict";
  const form = document.getElementById("rule-form");
  const text = document.getElementById("f-rule");
  const result = document.getElementById("try-result");
  const search = document.getElementById("f-q");
  const names = document.getElementById("name-list");
  if (!form || !text || !result || !search || !names || !window.fetch) return;
  let timer = 0, running = null, nameTimer = 0, namesRunning = null;

  /* Offset of a line and character (both from 1) in the text. */
  function offset(line, column) {
    const lines = text.value.split("\n");
    let at = 0;
    for (let i = 0; i < line - 1 && i < lines.length; i++) at += lines[i].length + 1;
    return at + Array.from(lines[line - 1] || "").slice(0, column - 1).join("").length;
  }
  function goTo(button) {
    const from = offset(+button.dataset.line, +button.dataset.column);
    const marked = Array.from(text.value.slice(from)).slice(0, +button.dataset.length).join("");
    text.focus();
    text.setSelectionRange(from, from + marked.length);
  }
  function shown() {
    const fault = result.querySelector(".go-to");
    if (fault) {
      text.setAttribute("aria-invalid", "true");
      fault.hidden = false;
      fault.addEventListener("click", () => goTo(fault));
    } else {
      text.removeAttribute("aria-invalid");
    }
  }
  async function tryNow() {
    if (running) running.abort();
    running = new AbortController();
    const mine = running, body = new URLSearchParams(new FormData(form));
    body.set("part", "1");
    result.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch("/rule/try", { method: "POST", body, signal: mine.signal });
      if (answer.ok && mine === running) {
        result.innerHTML = await answer.text();
        shown();
      }
    } catch (e) {
      if (e.name !== "AbortError") console.warn("rule_edit:", e.message);
    }
    if (mine === running) result.removeAttribute("aria-busy");
  }
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(tryNow, 600);
  }
  function insertable() {
    for (const button of names.querySelectorAll(".insert")) button.hidden = false;
  }
  async function findNames() {
    if (namesRunning) namesRunning.abort();
    namesRunning = new AbortController();
    const mine = namesRunning;
    const query = new URLSearchParams({ q: search.value, part: "1", subject: form.elements.subject.value });
    try {
      const answer = await fetch("/rule/names?" + query, { signal: mine.signal });
      if (answer.ok && mine === namesRunning) {
        names.innerHTML = await answer.text();
        insertable();
      }
    } catch (e) {
      if (e.name !== "AbortError") console.warn("rule_edit:", e.message);
    }
  }

  for (const name of ["rule", "cases", "subject", "kind", "area", "year"])
    if (form.elements[name]) form.elements[name].addEventListener("input", soon);
  form.elements.subject.addEventListener("input", findNames);
  search.addEventListener("input", () => {
    clearTimeout(nameTimer);
    nameTimer = setTimeout(findNames, 250);
  });
  search.addEventListener("keydown", (e) => {
    if (e.key === "Enter") {
      e.preventDefault();
      findNames();
    }
  });
  names.addEventListener("click", (e) => {
    const button = e.target.closest(".insert");
    if (!button) return;
    text.setRangeText(button.dataset.name, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    soon();
  });
  insertable();
  shown();
  if (text.value.trim() && !result.childElementCount) tryNow();
})();
