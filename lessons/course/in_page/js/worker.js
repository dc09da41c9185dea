// Runs the code of an exercise. Above this stand Pyodide's own scripts. All files come from the page: nothing is fetched.
const PLACE = "https://in-page.invalid/";  // never asked for
let run = null;

async function begin(files) {
  const response = (content, type) => new Response(content, {headers: {"Content-Type": type}});
  const known = {
    "pyodide.asm.wasm": () => response(files.wasm, "application/wasm"),
    "python_stdlib.zip": () => response(files.stdlib, "application/zip"),
    "pyodide-lock.json": () => response(JSON.stringify({info: {arch: "wasm32", platform: "emscripten_3_1_58",
      version: "0.27.7", python: "3.12.7", abi_version: "2024_0"}, packages: {}}), "application/json"),
  };
  self.fetch = async (address) => {
    const name = String(address.url || address).split("/").pop();
    if (name in known) return known[name]();
    throw new TypeError("there is no network for " + name);
  };
  const pyodide = await loadPyodide({indexURL: PLACE});
  pyodide.unpackArchive(files.numpy, "wheel");
  pyodide.unpackArchive(files.pillow, "wheel");
  pyodide.unpackArchive(files.own, "zip", {extractDir: "/own"});
  pyodide.runPython("import sys; sys.path.insert(0, '/own')");
  run = pyodide.pyimport("lessons.course.in_page.run_exercise").run_exercise;
}

self.onmessage = async ({data}) => {
  if (data.files) {
    try {
      await begin(data.files);
      postMessage({ready: true});
    } catch (error) {
      postMessage({failed: String(error)});
    }
  } else {
    postMessage({text: run(data.before, data.code)});
  }
};
