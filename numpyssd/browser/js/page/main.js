// Starts the page: reads the model that is embedded in it, and puts its parts together.

import { Explainer } from "../explainer/explainer.js";
import { decodeBase64, unpackTensor } from "../network/packing.js";
import { App } from "./app.js";
import { Computer } from "./computer.js";
import { printable, shortened } from "./printable.js";

/** Start the detector of page.html; returns the App. */
export function startDetector() {
  const at = (id) => document.getElementById(id);
  const model = JSON.parse(at("model").textContent), bytes = decodeBase64(at("weights").textContent);
  showModel(at, model);
  const source = `${at("network").textContent}\nanswerPage();\n`;
  const computer = new Computer(source, model, bytes, (text) => { at("notice").textContent = text; });
  const tensor = (name) => unpackTensor(name, model.tensors[name], bytes);
  const app = new App(document, model, computer);
  const detect = async (image) => (await computer.detect(image, true, () => {}, app.photographs.options)).stages;
  app.explainer = new Explainer(at("explainer"), model, tensor, (index) => app.pointAtIndex(index), () => null, detect);
  return app;
}

function showModel(at, model) {
  const names = model.class_names.map(shortened), more = names.length - 6;
  const list = names.slice(0, 6).join(", ") + (more > 0 ? ` and ${more} more` : "");
  at("title").textContent = `Finds ${list}`;
  document.title = `Finds ${list}`;
  const side = model.config.image_size;
  at("about").textContent =
    `An SSD (single shot detector), network ${printable(model.name)} at ${side} × ${side} pixels, ` +
    `weights ${printable(model.weights_file)}. It computes on this device: no photograph leaves it.`;
}
