// The network in a thread of its own, so that the page stays alive while it computes.
// In:  {type: "load", model, bytes}, then {type: "detect", id, image: {width, height, data}, want_stages, options}, where options
// are those of network/detect.js.
// Out: {type: "ready"}, {type: "progress", id, done, of, name}, {type: "result", id, seconds, detections, stages} (stages
// null unless wanted), and {type: "error", id, message}.

import { detectStages } from "../network/detect.js";
import { SSD } from "../network/ssd.js";

/** Answers the messages above; send(message, buffers) takes what goes out, and the buffers that go with it. */
export class Answerer {
  constructor(send) {
    this.send = send;
    this.ssd = null;
  }

  receive(message) {
    try {
      if (message.type === "load") this.load(message);
      else this.detect(message);
    } catch (error) {
      this.send({ type: "error", id: message.id ?? null, message: error.message }, []);
    }
  }

  load({ model, bytes }) {
    this.ssd = new SSD(model, bytes);
    this.send({ type: "ready" }, []);
  }

  detect({ id, image, want_stages: wantStages, options }) {
    const start = performance.now();
    const tell = (name, done, of) => this.send({ type: "progress", id, done, of, name }, []);
    const stages = detectStages(this.ssd, image, options, tell);
    const seconds = (performance.now() - start) / 1000;
    // The row of its default box and those that it removed belong to the stages; a list of results needs neither.
    const detections = stages.detections.map(({ label, name, score, box }) => ({ label, name, score, box }));
    const result = { type: "result", id, seconds, detections, stages: wantStages ? stages : null };
    this.send(result, wantStages ? buffersIn(stages) : []);
  }
}

/** Answer the messages of the page that this worker belongs to. */
export function answerPage() {
  const answerer = new Answerer((message, buffers) => self.postMessage(message, buffers));
  self.onmessage = (event) => answerer.receive(event.data);
}

/** Return the memory of all arrays in what a message holds, each once: it is handed over, not copied. */
function buffersIn(value, found = new Set()) {
  if (ArrayBuffer.isView(value)) found.add(value.buffer);
  else if (value && typeof value === "object") Object.values(value).forEach((inner) => buffersIn(inner, found));
  return [...found];
}
