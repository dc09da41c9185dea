// What the page says beside its result: files that could not be read, notices, and how far a computation is.

import { element } from "./element.js";
import { printable } from "./printable.js";

const MOST_SENTENCES = 8; // of files that could not be read

/** at(id): the element of an id of page.html. */
export class Messages {
  constructor(at) {
    this.at = at;
    at("dismiss").addEventListener("click", () => this.dismiss());
  }

  /** Say a sentence that is not an error. */
  say(text) {
    this.at("notice").textContent = text;
  }

  /** Say why a file cannot be used. */
  failed(sentence) {
    const list = this.at("messages");
    element("li", {}, list, sentence);
    while (list.children.length > MOST_SENTENCES) list.firstChild.remove();
    this.at("errors").hidden = false;
  }

  dismiss() {
    this.at("messages").replaceChildren();
    this.at("errors").hidden = true;
  }

  /** Show that so many layers of the network are done for a photograph. */
  progressed(photo, done, of, name) {
    const root = this.at("progress"), bar = root.querySelector("progress");
    root.hidden = done === of;
    bar.max = of;
    bar.value = done;
    root.querySelector("span").textContent = `${printable(photo.name)}: ${name}, layer ${done} of ${of}`;
  }
}
