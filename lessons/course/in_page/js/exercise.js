// Exercises that run in the page: the code of each becomes an editor with a button. Python begins at the first run: it is
// in python.js, beside this page. It runs in a worker, so that the page answers meanwhile and can end it.
(function () {
"use strict";
let worker = null, current = null;

function element(name, attributes, parent, text) {
  const made = document.createElement(name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text) made.textContent = text;
  parent.append(made);
  return made;
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

function loaded() {
  if (globalThis.PYTHON_IN_PAGE) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = element("script", {src: "python.js"}, document.head);
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("python.js is not in the folder of this page.")));
  });
}

async function started() {
  await loaded();
  const files = {};
  for (const name in PYTHON_IN_PAGE) files[name] = await unpacked(PYTHON_IN_PAGE[name]);
  const address = URL.createObjectURL(new Blob([files.script], {type: "text/javascript"}));
  const made = new Worker(address);
  delete files.script;
  await new Promise((resolve, reject) => {
    made.addEventListener("message", ({data}) => data.failed ? reject(new Error(data.failed)) : resolve(), {once: true});
    made.addEventListener("error", (event) => reject(new Error(event.message || "the worker did not start")), {once: true});
    made.postMessage({files}, Object.values(files));
  });
  URL.revokeObjectURL(address);
  made.addEventListener("message", ({data}) => current && current(data.text));
  return made;
}

// A new line begins as far to the right as the one above it, and farther after a colon.
function keepIndent(event) {
  const box = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey) return;
  const line = box.value.slice(0, box.selectionStart).split("\n").pop();
  event.preventDefault();
  box.setRangeText("\n" + line.match(/^ */)[0] + (/:\s*$/.test(line) ? "    " : ""), box.selectionStart, box.selectionEnd, "end");
}

for (const root of document.querySelectorAll(".exercise")) {
  const data = JSON.parse(root.querySelector("script").textContent);
  const key = location.pathname.split("/").pop() + "#" + data.name;
  const code = element("textarea", {"aria-label": "Your code: " + data.name, spellcheck: "false", autocapitalize: "off",
    autocomplete: "off", rows: data.code.split("\n").length + 3}, root);
  const row = element("div", {class: "buttons"}, root);
  const run = element("button", {type: "button"}, row, "Run"), stop = element("button", {type: "button"}, row, "Stop");
  const reset = element("button", {type: "button"}, row, "As it was");
  const out = element("pre", {class: "printed", role: "status", "aria-label": "What it prints"}, root);
  const before = root.nextElementSibling;  // what the cell printed when the lesson was run
  if (before && before.matches("pre.printed")) { out.textContent = before.textContent; before.remove(); }
  root.querySelector("pre.code").remove();
  code.value = data.code;
  try { code.value = localStorage.getItem(key) || data.code; } catch (error) { /* not kept */ }
  stop.disabled = true;
  const finish = (text) => {
    out.textContent = text;
    current = null;
    for (const each of document.querySelectorAll(".exercise .buttons button")) each.disabled = each.textContent === "Stop";
  };
  const begin = async () => {
    if (current || run.disabled) return;
    try { localStorage.setItem(key, code.value); } catch (error) { /* not kept */ }
    current = finish;
    for (const each of document.querySelectorAll(".exercise .buttons button")) each.disabled = true;
    try {
      if (!worker) {
        out.textContent = "Python begins, once for this page: some seconds.";
        worker = await started();
      }
    } catch (error) {
      finish("Python cannot run here: " + error.message);
      return;
    }
    out.textContent = "Running.";
    stop.disabled = false;
    worker.postMessage({before: data.before, code: code.value});
  };
  run.addEventListener("click", begin);
  stop.addEventListener("click", () => {
    worker.terminate();
    worker = null;
    finish("Stopped. Python begins anew at the next run.");
  });
  reset.addEventListener("click", () => {
    code.value = data.code;
    try { localStorage.removeItem(key); } catch (error) { /* not kept */ }
  });
  code.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.shiftKey || event.metaKey)) { event.preventDefault(); begin(); }
    keepIndent(event);
  });
}
})();
