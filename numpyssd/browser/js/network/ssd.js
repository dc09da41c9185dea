// The whole network (paper, Figure 2, top): stages one after the other, each ending in a feature map with predictors.

import { Convolution, room } from "./convolution.js";
import { l2norm } from "./l2norm.js";
import { fastProductRows } from "./matrix_product.js";
import { maxpool2d, poolOutputSize } from "./maxpool2d.js";
import { Memory } from "./memory.js";
import { unpackTensor } from "./packing.js";

/**
 * The single shot detector of a description that network.py made, with its weights.
 * Memory is taken once: what forward returns is valid until the next call.
 */
export class SSD {
  /**
   * model: the description; bytes: ArrayBuffer of its packed weights. Throws a sentence if they do not fit.
   * productRows: a function from a Memory to its productRows, see matrix_product.js.
   */
  constructor(model, bytes, productRows = fastProductRows) {
    this.model = model;
    this.memory = new Memory();
    this.productRows = productRows(this.memory);
    const tensor = (name) => unpackTensor(name, model.tensors[name], bytes), side = model.config.image_size;
    let size = { height: side, width: side, channels: 3 };
    this.stages = model.stages.map(({ steps }) => steps.map((step) => (size = this.layer(step, size, tensor))));
    const maps = this.stages.map((layers) => layers[layers.length - 1]);
    this.heads = { loc: [], conf: [] };
    model.predictors.forEach((predictor, i) => {
      for (const head in this.heads) this.heads[head].push(this.layer(predictor[head], maps[i], tensor));
    });
    this.normScale = tensor(model.norm.scale).data;
    this.reservePlaces(maps);
  }

  // Return the layer of a step on maps of a size: {name, height, width, channels, run(x, scratch, data), ...}.
  layer(step, x, tensor) {
    const { name } = step;
    if (step.op === "maxpool2d") {
      const height = poolOutputSize(x.height, step), width = poolOutputSize(x.width, step);
      const run = (map, scratch, data) => maxpool2d(map, step, data);
      return { name, height, width, channels: x.channels, scratch: 0, run };
    }
    const weight = tensor(step.weight), bias = tensor(step.bias).data;
    return Object.assign(new Convolution(step, weight, bias, x, this.memory, this.productRows), { name });
  }

  // Take the memory for the maps. Each feature map has its own, because its predictors come later; what lies between
  // two of them takes turns in two places.
  reservePlaces(maps) {
    const { heads, memory, stages } = this, layers = [...stages.flat(), ...heads.loc, ...heads.conf];
    const largest = (sizes) => memory.reserve(Math.max(0, ...sizes));
    this.count = layers.length + 1;
    this.image = memory.reserve(3 * this.model.config.image_size ** 2);
    this.between = [0, 1].map(() => largest(stages.flatMap((stage) => stage.slice(0, -1)).map(room)));
    for (const map of maps) map.place = memory.reserve(room(map));
    this.norm = memory.reserve(room(maps[0]));
    this.raw = {};
    for (const head in heads) this.raw[head] = memory.reserve(heads[head].reduce((sum, layer) => sum + room(layer), 0));
    this.scratch = largest(layers.map((layer) => layer.scratch)); // the last, as it has room for what is read too far
  }

  /**
   * Return loc (K * 4), conf (K * classes), the feature maps and the first of them after its L2 normalization.
   * x: Float32Array (S * S * 3), the mean subtracted; onLayer(name, done, of) is called after each layer.
   */
  forward(x, onLayer = () => {}) {
    const { memory, model } = this, side = model.config.image_size;
    if (x.length !== side * side * 3) throw new Error(`x must have ${side * side * 3} numbers, not ${x.length}`);
    let map = { height: side, width: side, channels: 3, data: x }, done = 0;
    const length = (layer) => layer.height * layer.width * layer.channels;
    const run = (layer, input, address) => {
      const output = layer.run(input, this.scratch, memory.floats(address, length(layer)));
      onLayer(layer.name, ++done, this.count);
      return output;
    };
    const maps = this.stages.map((layers) => {
      layers.forEach((layer, i) => (map = run(layer, map, layer.place ?? this.between[i % 2])));
      return map;
    });
    const normed = l2norm(maps[0], this.normScale, memory.floats(this.norm, maps[0].data.length));
    onLayer(model.norm.name, ++done, this.count);
    const raw = {}, sources = [normed, ...maps.slice(1)];
    for (const head in this.heads) {
      // Rows, columns, boxes and values lie in the order of the default boxes already, one map after the other.
      const layers = this.heads[head];
      let at = this.raw[head];
      layers.forEach((layer, i) => {
        run(layer, sources[i], at);
        at += 4 * length(layer);
      });
      raw[head] = memory.floats(this.raw[head], (at - this.raw[head]) / 4);
    }
    const named = ({ height, channels, data }, name) => ({ name, size: height, channels, data });
    const namedMaps = maps.map((found, i) => named(found, model.stages[i].feature_map));
    return { ...raw, maps: namedMaps, norm: named(normed, model.norm.name) };
  }

  /** Return where the network's input may lie, Float32Array (S * S * 3), to be filled and given to forward. */
  input() {
    return this.memory.floats(this.image, 3 * this.model.config.image_size ** 2);
  }
}
