// Runs the code of an exercise. Above this stand Pyodide's own scripts. All files come from the page: nothing is fetched.
const PLACE = "https://in-page.invalid/";  // never asked for
const RUN = `
import contextlib, io, linecache, sys, traceback

sys.path.insert(0, "/own")
known, done = {"__name__": "__main__"}, set()

def run_exercise(before, code):
    out, name = io.StringIO(), "<your code>"
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            if before not in done:
                exec(compile(before, "<the lesson>", "exec"), known)
                done.add(before)
            exec(compile(code, name, "exec"), known)
        except SyntaxError as error:
            print("".join(traceback.format_exception_only(error)))
        except BaseException as error:
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
            place = f"in line {lines[-1]}: " if lines else ""
            print(f"{place}{type(error).__name__}: {error}")
    return out.getvalue()
`;
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
  pyodide.unpackArchive(files.own, "zip", {extractDir: "/own"});
  pyodide.runPython(RUN);
  run = pyodide.globals.get("run_exercise");
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
