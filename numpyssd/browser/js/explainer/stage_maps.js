// Stage 2: the predicting feature maps: all channels of one as a strip, and one of them enlarged.
import { cellSizes } from "../network/default_boxes.js";
import { channelPeaks, drawStrip, paintChannel, stripColumns } from "./feature_strip.js";
import { sumLines } from "./one_output.js";
import { cellSquare, cellWords } from "./place.js";
import { windowSquare } from "./receptive_field.js";
import { buttonRow, node, onArrows, PhotoWithBoxes } from "./svg.js";

const STRONGEST = 5; // channels that are framed

/** Why this map is looked at, and how large the objects are that the maps look for. */
export function mapWords(model, map) {
  const { feature_maps: maps, whole_pixels: isWhole } = model.config;
  const size = (own) => Math.round(cellSizes(maps[own], isWhole)[0][0]);
  const coarser = map + 1 < maps.length ? `; those of the next map, ${maps[map + 1].name}, begin with ${size(map + 1)}` : "";
  return `This is ${maps[map].name}, because the chosen default box stands on it. Its default boxes begin with squares of ` +
    `${size(map)} pixels of the input${coarser}.`;
}

export class MapsStage {
  constructor(frame, change) {
    this.frame = frame;
    this.maps = buttonRow(frame.body, "feature map", (map) => change({ map }));
    this.scroll = node("div", { class: "ex-scroll" }, frame.body);
    const slider = { role: "slider", "aria-label": "channel", "aria-valuenow": 0, "aria-valuetext": "no channel yet" };
    this.strip = node("div", { class: "ex-strip", tabindex: "0", ...slider }, this.scroll);
    this.canvas = node("canvas", { "aria-hidden": "true" }, this.strip);
    this.marks = node("div", { class: "ex-marks" }, this.strip);
    const flow = node("div", { class: "ex-pair" }, frame.body);
    this.large = new PhotoWithBoxes(flow, "one channel, enlarged");
    this.words = node("p", { class: "ex-say" }, flow);
    this.drawn = null;
    this.strip.addEventListener("click", (event) => change({ channel: this.channelAt(event) }));
    onArrows(this.strip, (dx, dy) => {
      const channel = this.channel + dx + dy * this.columns;
      if (channel >= 0 && channel < this.map.channels) change({ channel });
    });
  }

  channelAt(event) {
    const area = this.canvas.getBoundingClientRect(), rows = Math.ceil(this.map.channels / this.columns);
    const column = Math.floor(((event.clientX - area.left) / area.width) * this.columns);
    const row = Math.floor(((event.clientY - area.top) / area.height) * rows);
    return Math.max(0, Math.min(this.map.channels - 1, row * this.columns + column));
  }

  draw({ model, stages, chosen, output }) {
    const { place, channel } = chosen, map = stages.maps[place.map];
    this.maps.set(stages.maps.map(({ name, size }, value) => ({ value, text: `${name}  ${size} × ${size}` })));
    this.maps.press(place.map);
    [this.map, this.channel] = [map, channel];
    const columns = stripColumns(this.scroll.clientWidth || 360, map.channels);
    if (this.drawn !== map.data || columns !== this.columns) {
      [this.drawn, this.columns, this.peaks] = [map.data, columns, channelPeaks(map)];
      drawStrip(this.canvas, map, this.peaks, columns);
    }
    this.marks.replaceChildren();
    for (const { channel: own } of sumLines(output, STRONGEST).lines) this.mark(own, "ex-strong");
    this.mark(channel, "ex-chosen");
    const value = map.data[(place.row * map.size + place.column) * map.channels + channel];
    const normal = stages.norm.data[(place.row * map.size + place.column) * map.channels + channel];
    const after = place.map === 0 ? ` (step 4 reads it as ${normal.toFixed(2)}, after L2 normalization)` : "";
    const words = `channel ${channel}: ${value.toFixed(2)} in the chosen cell (${cellWords(model, place)})${after}, ` +
      `${this.peaks[channel].toFixed(2)} where it is largest`;
    const range = { valuemin: 0, valuemax: map.channels - 1, valuenow: channel, valuetext: words };
    for (const [key, own] of Object.entries(range)) {
      this.strip.setAttribute(`aria-${key}`, own);
    }
    this.drawLarge(model, map, channel, place);
    this.words.textContent = `${mapWords(model, place.map)} Enlarged, ${words}. Orange: the chosen cell; blue: the 3 × 3 cells that its predictor reads. ` +
      `Thin frames in the strip: the ${STRONGEST} channels that count most for the chosen score. ` +
      "Tap a channel, or walk by the arrow keys.";
    const sides = `${map.size} × ${map.size}`;
    this.frame.shape.textContent = `Shape: ${sides} × ${map.channels}, here ${map.channels} pictures of ${sides}`;
  }

  mark(channel, name) {
    const rows = Math.ceil(this.map.channels / this.columns), inner = this.map.size / (this.map.size + 1);
    const [left, top] = [(channel % this.columns) / this.columns, Math.floor(channel / this.columns) / rows];
    const size = `width:${(100 * inner) / this.columns}%;height:${(100 * inner) / rows}%`;
    const style = `left:${100 * left}%;top:${100 * top}%;${size}`;
    node("span", { class: name, style }, this.marks);
  }

  drawLarge(model, map, channel, place) {
    const canvas = node("canvas", { width: map.size, height: map.size }), context = canvas.getContext("2d");
    const image = context.createImageData(map.size, map.size);
    paintChannel(image, map, channel, this.peaks[channel]);
    context.putImageData(image, 0, 0);
    this.large.show(canvas, map.size, map.size);
    const scale = ([x1, y1, x2, y2]) => [x1, y1, x2, y2].map((value) => value * this.scaleOf(model, place.map));
    this.large.box(scale(windowSquare(model, place)), "window");
    this.large.box(scale(cellSquare(model, place.map, place.row, place.column)), "prediction");
    this.large.say(`Channel ${channel} of ${map.name}, enlarged; the chosen cell is marked.`);
  }

  // Cells are fractions of the image, and here the map itself is the picture.
  scaleOf(model, map) {
    const { size } = model.config.feature_maps[map], [, , right] = cellSquare(model, map, 0, 0);
    return 1 / (right * size);
  }
}
