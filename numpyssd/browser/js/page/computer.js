// Computes detections: in a worker, or in the page itself where the browser refuses workers.

import { Answerer } from "./worker.js";

const REFUSED = "This browser allows no worker here, so the page computes by itself and stands still meanwhile.";

/**
 * The network, wherever it runs. source: the text of the worker's script; bytes: ArrayBuffer of the packed weights, of
 * which the worker gets a copy; onSentence(text): for what a user has to know.
 */
export class Computer {
  constructor(source, model, bytes, onSentence) {
    this.model = model;
    this.bytes = bytes;
    this.onSentence = onSentence;
    this.jobs = new Map(); // number of a job -> {image, wantStages, options, onProgress, resolve, reject}
    this.count = 0;
    this.isReady = false;
    this.post = null;
    this.start(source);
  }

  /**
   * Return a promise of {seconds, detections, stages}; image: {width, height, data}, whose memory goes to the worker;
   * onProgress(done, of, name) is called after each layer; options: those of detectStages.
   */
  detect(image, wantStages, onProgress, options = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.count;
      this.jobs.set(id, { image, wantStages, options, onProgress, resolve, reject });
      if (this.isReady) this.send(id);
    });
  }

  start(source) {
    try {
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      const worker = new Worker(url);
      worker.onmessage = (event) => {
        URL.revokeObjectURL(url);
        this.receive(event.data);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        if (this.isReady) this.fail(event.message);
        else this.startInPage();
      };
      this.worker = worker;
      this.post = (message, buffers) => worker.postMessage(message, buffers);
      this.load();
    } catch {
      this.startInPage();
    }
  }

  /** Stop the worker; nothing is answered any more. */
  close() {
    this.worker?.terminate();
    this.jobs.clear();
  }

  startInPage() {
    this.onSentence(REFUSED);
    const answerer = new Answerer((message) => this.receive(message));
    this.post = (message) => setTimeout(() => answerer.receive(message)); // the page may draw before it
    this.load();
  }

  load() {
    this.post({ type: "load", model: this.model, bytes: this.bytes }, []);
  }

  send(id) {
    const { image, wantStages, options } = this.jobs.get(id);
    this.post({ type: "detect", id, image, want_stages: wantStages, options }, [image.data.buffer]);
  }

  receive(message) {
    if (message.type === "ready") {
      this.isReady = true;
      [...this.jobs.keys()].forEach((id) => this.send(id));
    } else if (message.type === "error" && message.id === null) {
      this.fail(message.message);
    } else {
      this.answer(message);
    }
  }

  answer(message) {
    const job = this.jobs.get(message.id);
    if (!job) return;
    if (message.type === "progress") {
      job.onProgress(message.done, message.of, message.name);
      return;
    }
    this.jobs.delete(message.id);
    if (message.type === "error") job.reject(new Error(message.message));
    else job.resolve(message);
  }

  /** All jobs fail: the weights cannot be used, or the worker has ended. */
  fail(text) {
    this.onSentence(`The network cannot be computed: ${text}`);
    this.jobs.forEach((job) => job.reject(new Error(text)));
    this.jobs.clear();
  }
}
