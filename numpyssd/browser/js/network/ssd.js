// The whole network (paper, Figure 2, top): stages one after the other, each ending in a feature map with predictors.

import { conv2d, convOutputSize } from "./conv2d.js";
import { l2norm } from "./l2norm.js";
import { maxpool2d, poolOutputSize } from "./maxpool2d.js";
import { unpackTensor } from "./packing.js";

/**
 * The single shot detector of a description that network.py made, with its weights.
 * Buffers are kept from one call to the next: what forward returns is valid until then.
 */
export class SSD {
  /** model: the description; bytes: ArrayBuffer of its packed weights. Throws a sentence if they do not fit. */
  constructor(model, bytes) {
    this.model = model;
    this.tensors = {};
    for (const name in model.tensors) this.tensors[name] = unpackTensor(name, model.tensors[name], bytes);
    this.buffers = {};
    this.layers = model.stages.reduce((sum, stage) => sum + stage.steps.length, 1 + 2 * model.predictors.length);
  }

  /**
   * Return loc (K * 4), conf (K * classes), the feature maps and the first of them after its L2 normalization.
   * x: Float32Array (S * S * 3), the mean subtracted; onLayer(name, done, of) is called after each layer.
   */
  forward(x, onLayer = () => {}) {
    const { config, stages, norm, predictors } = this.model, side = config.image_size;
    if (x.length !== side * side * 3) throw new Error(`x must have ${side * side * 3} numbers, not ${x.length}`);
    let map = { height: side, width: side, channels: 3, data: x }, done = 0;
    const tell = (name) => onLayer(name, ++done, this.layers);
    const maps = stages.map(({ steps }, number) => {
      steps.forEach((step, i) => {
        // A feature map is kept for its predictors; what lies between two of them takes turns in two buffers.
        const place = i === steps.length - 1 ? `map ${number}` : `between ${i % 2}`;
        map = this.step(step, map, this.buffer(place, this.outputLength(step, map)));
        tell(step.name);
      });
      return map;
    });
    const first = maps[0];
    const normed = l2norm(first, this.tensors[norm.scale].data, this.buffer("norm", first.data.length));
    tell(norm.name);
    const sources = [normed, ...maps.slice(1)], raw = {};
    for (const head of ["loc", "conf"]) {
      // Rows, columns, boxes and values lie in the order of the default boxes already, one map after the other.
      const lengths = predictors.map((predictor, i) => this.outputLength(predictor[head], sources[i]));
      raw[head] = this.buffer(head, lengths.reduce((sum, length) => sum + length));
      let at = 0;
      predictors.forEach((predictor, i) => {
        this.step(predictor[head], sources[i], raw[head].subarray(at, (at += lengths[i])));
        tell(predictor[head].name);
      });
    }
    const named = ({ height, channels, data }, name) => ({ name, size: height, channels, data });
    const namedMaps = maps.map((found, i) => named(found, stages[i].feature_map));
    return { loc: raw.loc, conf: raw.conf, maps: namedMaps, norm: named(normed, norm.name) };
  }

  // Write the output of one step on the map x to data; return it as a map.
  step(step, x, data) {
    if (step.op === "maxpool2d") return maxpool2d(x, step, data);
    return conv2d(x, this.tensors[step.weight], this.tensors[step.bias].data, step, data);
  }

  outputLength(step, { height, width, channels }) {
    if (step.op === "maxpool2d") return poolOutputSize(height, step) * poolOutputSize(width, step) * channels;
    const [rows, columns, , channelsOut] = this.tensors[step.weight].shape;
    return convOutputSize(height, rows, step) * convOutputSize(width, columns, step) * channelsOut;
  }

  // Return a place for so many numbers, the same memory for the same name whenever it is large enough.
  buffer(name, length) {
    if (!(this.buffers[name]?.length >= length)) this.buffers[name] = new Float32Array(length);
    return this.buffers[name].subarray(0, length);
  }
}
