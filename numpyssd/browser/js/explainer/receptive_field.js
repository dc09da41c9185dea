// Receptive fields: the pixels of the network's input that one output depends on. The arithmetic of
// model/receptive_field.py: unit i of a layer sees the pixels from first + i * step to first + i * step + field.
import { stepOf } from "./place.js";

/** The field after a layer with this window; padding lets it begin outside of the image. */
function fieldAfter({ first, step, field }, { kernel, stride, padding, dilation }) {
  return { first: first - padding * step, step: step * stride, field: field + (kernel - 1) * dilation * step };
}

/** The window of one step of the model's description; steps that look at one unit only leave the field as it is. */
function windowOf(model, step) {
  if (step.op === "conv2d") {
    return { kernel: model.tensors[step.weight].shape[0], stride: step.stride, padding: step.padding, dilation: step.dilation };
  }
  if (step.op === "maxpool2d") return { kernel: step.size, stride: step.stride, padding: step.padding, dilation: 1 };
  return { kernel: 1, stride: 1, padding: 0, dilation: 1 };
}

/** {first, step, field} in pixels for the units of each feature map, along one axis. */
export function receptiveFields(model) {
  let field = { first: 0, step: 1, field: 1 };
  return model.stages.map(({ steps }) => {
    for (const step of steps) field = fieldAfter(field, windowOf(model, step));
    return field;
  });
}

/** What a predictor's output sees through its own 3 x 3 window: [x1, y1, x2, y2] in fractions of the image. */
export function receptiveSquare(model, { map, row, column }) {
  const predictor = windowOf(model, { op: "conv2d", ...model.predictors[map].conf });
  const { first, step, field } = fieldAfter(receptiveFields(model)[map], predictor);
  const [x, y] = [first + column * step, first + row * step], side = model.config.image_size;
  return [x / side, y / side, (x + field) / side, (y + field) / side];
}

/** The 3 x 3 cells that a predictor's output is made of, as one square in fractions of the image. */
export function windowSquare(model, { map, row, column }) {
  const step = stepOf(model, map) / model.config.image_size;
  return [(column - 1) * step, (row - 1) * step, (column + 2) * step, (row + 2) * step];
}
