// The frame of a stage: its number and title, a sentence, its shape, its place in the paper and its lessons.
import { glossary } from "./glossary.js";
import { node } from "./svg.js";
import { LESSONS_OF_STAGES, STAGE_WORDS } from "./words.js";

/**
 * The frame of stage `id` in parent: { section, title, sentence, body, shape, now }; sentence, shape and now are
 * elements for text, and the title can have the focus.
 *
 * lessonLink: (name of a lesson) -> an address, or null where there is none; then the lesson is named in words.
 */
export function stageFrame(parent, id, lessonLink) {
  const number = STAGE_WORDS.findIndex((words) => words.id === id), words = STAGE_WORDS[number];
  const section = node("section", { class: "ex-stage", id: `ex-${id}`, "aria-labelledby": `ex-${id}-title` }, parent);
  const title = node("h3", { id: `ex-${id}-title`, tabindex: "-1" }, section, `${number + 1} · ${words.title}`);
  const sentence = node("p", {}, section, words.sentence);
  const facts = node("p", { class: "ex-facts" }, section);
  const shape = node("span", {}, facts);
  node("span", {}, facts, `Paper: ${words.paper}`);
  const lessons = node("span", {}, facts, words.lessons.length > 1 ? "Lessons: " : "Lesson: ");
  words.lessons.forEach((name, i) => {
    if (i) lessons.append(", ");
    const text = `${name.slice(0, 2)} ${LESSONS_OF_STAGES[name]}`, address = lessonLink(name);
    if (address) node("a", { href: address }, lessons, text);
    else lessons.append(`${text} (lessons/${name}.ipynb)`);
  });
  const now = node("p", { class: "ex-now" }, section), body = node("div", { class: "ex-body" }, section);
  glossary(section, words.terms);
  return { section, title, sentence, body, shape, now };
}
