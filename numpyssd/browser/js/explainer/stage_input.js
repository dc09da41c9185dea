// Stage 1: the pixels that the network gets, and those of them that the chosen output depends on.
import { receptiveSquare } from "./receptive_field.js";
import { node, PhotoWithBoxes } from "./svg.js";

const MOST_MARGIN = 0.75; // of the picture's side

/** A canvas (side x side) of the network's input, (side * side * 3) RGB from 0 to 255. */
export function inputCanvas(input, side) {
  const canvas = node("canvas", { width: side, height: side }), context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    for (let channel = 0; channel < 3; channel++) image.data[4 * i + channel] = input[3 * i + channel];
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

export class InputStage {
  constructor(frame) {
    this.frame = frame;
    const flow = node("div", { class: "ex-pair" }, frame.body);
    this.photo = new PhotoWithBoxes(flow, "the input of the network");
    this.words = node("p", { class: "ex-say" }, flow);
  }

  draw({ model, stages, chosen }) {
    const side = model.config.image_size, square = receptiveSquare(model, chosen.place);
    const over = Math.max(0, -square[0], -square[1], square[2] - 1, square[3] - 1); // of the picture's side
    this.photo.show(inputCanvas(stages.input, side), side, side, Math.ceil(Math.min(over + 0.02, MOST_MARGIN) * side));
    this.photo.box(square, "field");
    const wide = Math.round((square[2] - square[0]) * side);
    const inside = [0, 1].map((i) => Math.round((Math.min(1, square[i + 2]) - Math.max(0, square[i])) * side));
    const cut = inside[0] < wide || inside[1] < wide;
    const beyond = cut ? `; ${inside[0]} × ${inside[1]} of them lie in the picture, and what lies beyond counts as zeros` : "";
    const words = `Blue: the receptive field of the chosen box, ${wide} × ${wide} pixels${beyond}. ` +
      (inside[0] >= side && inside[1] >= side ? "It is the whole picture: everything in it had a say." : "Nothing outside of it had any say.");
    this.words.textContent = words;
    this.photo.say(`The picture as the network gets it. ${words}`);
    this.frame.shape.textContent = `Shape: ${side} × ${side} × 3, from a picture of ${stages.width} × ${stages.height}`;
  }
}
