// Stage 1: the pixels that the network gets, and those of them that the chosen output depends on.
import { receptiveSquare } from "./receptive_field.js";
import { PhotoWithBoxes, node } from "./svg.js";

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
    this.photo.show(inputCanvas(stages.input, side), side, side);
    this.photo.box(square, "field");
    const wide = Math.round((square[2] - square[0]) * side);
    const inside = [0, 1].map((i) => Math.round((Math.min(1, square[i + 2]) - Math.max(0, square[i])) * side));
    const beyond = inside[0] < wide || inside[1] < wide ? `; ${inside[0]} × ${inside[1]} of them lie in the picture, beyond it are zeros` : "";
    const words = `Dashed: the receptive field of the chosen box, ${wide} × ${wide} pixels${beyond}. Nothing outside of it had any say in the box.`;
    this.words.textContent = words;
    this.photo.say(`The picture as the network gets it. ${words}`);
    this.frame.shape.textContent = `Shape: ${side} × ${side} × 3, from a picture of ${stages.width} × ${stages.height}`;
  }
}
