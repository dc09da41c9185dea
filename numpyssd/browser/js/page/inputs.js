// Where photographs come from: a dialog, the camera of a phone, the clipboard, and whatever is dropped on the page.

/** Call onFiles([File, ...]) for each; page: the document, with the buttons and inputs of page.html. */
export function listenForFiles(page, onFiles) {
  for (const [button, input] of [["choose", "files"], ["take", "camera"]]) {
    const dialog = page.getElementById(input);
    page.getElementById(button).addEventListener("click", () => dialog.click());
    dialog.addEventListener("change", () => {
      onFiles([...dialog.files]);
      dialog.value = ""; // so that the same file can be chosen again
    });
  }
  page.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files || [])];
    if (!files.length) return;
    event.preventDefault();
    onFiles(files);
  });
  listenForDrops(page, onFiles);
}

function listenForDrops(page, onFiles) {
  const mark = (isOver) => page.body.classList.toggle("dragging", isOver);
  const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  page.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // or the browser would leave the page for the file
    mark(true);
  });
  page.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false); // it left the window
  });
  page.addEventListener("drop", (event) => {
    mark(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    onFiles([...event.dataTransfer.files]);
  });
}
