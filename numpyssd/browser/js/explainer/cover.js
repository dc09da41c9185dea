// Cover the picture piece by piece, and see what becomes of one score: the pieces without which it falls have made it.
// The method is that of Zeiler and Fergus, "Visualizing and understanding convolutional networks" (2014), section 4.2.
import { className } from "./place.js";
import { node, PhotoWithBoxes } from "./svg.js";
import { rankedClasses } from "./why_this_box.js";

const PIECES = 7; // a side
const LONGEST_SIDE = 600; // pixels: covering needs no more of a photograph
const GRAY = "rgb(123, 117, 104)"; // near the mean color that is subtracted, and so near nothing

/** The pieces [x1, y1, x2, y2] in fractions of the picture, row by row. */
export function coverPieces(count = PIECES) {
  const edge = (i) => i / count;
  return Array.from({ length: count * count }, (_, i) => {
    const [row, column] = [Math.floor(i / count), i % count];
    return [edge(column), edge(row), edge(column + 1), edge(row + 1)];
  });
}

/**
 * What is said about the scores without each piece; scores: of the pieces; whole: of the picture as it is; other: what
 * the default box says without the piece that matters most, if that is another class, else null.
 */
export function coverWords(name, scores, whole, other = null) {
  const least = Math.min(...scores), most = Math.max(...scores), count = scores.filter((score) => score < whole / 2).length;
  const fall = `Without the piece that is framed, the score of ${name} is ${least.toFixed(2)} instead of ${whole.toFixed(2)}` +
    (other ? `, and the same default box says ${other}` : "");
  const many = count > 1 ? `; ${count} pieces of ${scores.length} halve it, each alone` : "";
  const none = `No piece alone matters much: the lowest score of ${name} without one is ${least.toFixed(2)} ` +
    `instead of ${whole.toFixed(2)}`;
  const rise = most > whole + 0.1 ? ` Without the piece in red it would be ${most.toFixed(2)}.` : "";
  return `${least < 0.8 * whole ? fall : none}${many}.${rise}`;
}

export class CoverTest {
  constructor(parent) {
    this.root = node("div", { class: "ex-cover", id: "ex-cover" }, parent);
    this.button = node("button", { type: "button" }, this.root, "Cover the picture piece by piece");
    this.progress = node("span", { class: "ex-hint", role: "status" }, this.root);
    this.result = node("div", { class: "ex-pair", hidden: "" }, this.root);
    this.photo = new PhotoWithBoxes(this.result, "which pieces of the picture the score needs");
    this.words = node("p", { class: "ex-say" }, this.result);
    this.button.addEventListener("click", () => this.run().catch((error) => {
      this.progress.textContent = ` ${error.message}`;
    }));
    this.key = null;
  }

  /** Take what is chosen; another choice ends what runs and forgets what was found. */
  draw(view) {
    const { stages, chosen: { number, label }, detect } = view;
    this.root.hidden = detect === null;
    if (this.key && this.key.stages === stages && this.key.number === number && this.key.label === label) return;
    this.view = view;
    this.key = { stages, number, label };
    this.result.hidden = true;
    this.button.disabled = false;
    this.progress.textContent = "";
  }

  async run() {
    const { key, view } = this, { model, detect, picture, chosen: { number, label } } = view;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = node("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
    const score = async (piece) => {
      const { data, width, height } = covered(canvas, picture, piece), classes = model.config.num_classes;
      const stages = await detect({ data, width, height });
      return { score: stages.probabilities[number * classes + label], best: rankedClasses(stages, classes, number)[0] };
    };
    this.button.disabled = true;
    const pieces = coverPieces(), whole = (await score(null)).score, found = [];
    for (const piece of pieces) {
      if (key !== this.key) return;
      this.progress.textContent = ` ${found.length + 1} of ${pieces.length}`;
      found.push(await score(piece));
    }
    if (key === this.key) this.show(pieces, found, whole);
  }

  show(pieces, found, whole) {
    const { model, stages, picture, chosen } = this.view, { photo } = this, scores = found.map(({ score }) => score);
    const lost = scores.map((score) => whole - score);
    const most = Math.max(...lost.map(Math.abs), 0.05), worst = lost.indexOf(Math.max(...lost));
    this.button.disabled = false;
    this.progress.textContent = "";
    this.result.hidden = false;
    photo.show(picture, stages.width, stages.height);
    pieces.forEach((piece, i) => {
      const box = photo.box(piece, lost[i] < 0 ? "against" : "for");
      box.style.setProperty("--ex-strength", (Math.abs(lost[i]) / most).toFixed(3));
    });
    photo.box(pieces[worst], "prediction", scores[worst].toFixed(2));
    const { best } = found[worst], other = best.label === chosen.label ? null : `${className(model, best.label)} ${best.score.toFixed(2)}`;
    const words = coverWords(className(model, chosen.label), scores, whole, other);
    this.words.textContent = `${words} Blue: the score needs the piece; red: it would be higher without it. ` +
      "Each piece was covered with gray, and the network run again.";
    photo.say(words);
  }
}

function covered(canvas, picture, piece) {
  const context = canvas.getContext("2d", { willReadFrequently: true }), { width, height } = canvas;
  context.drawImage(picture, 0, 0, width, height);
  if (piece) {
    const [x1, y1, x2, y2] = [piece[0] * width, piece[1] * height, piece[2] * width, piece[3] * height].map(Math.round);
    context.fillStyle = GRAY;
    context.fillRect(x1, y1, x2 - x1, y2 - y1);
  }
  return context.getImageData(0, 0, width, height);
}
