/** What was hidden by hand on a phone, and the way to show it again. */

import { get, phonePath, post } from "./api.js";
import { h } from "./dom.js";
import { Packs } from "./packs.js";

export class Taught {
  /** `packs`: whether what was taught can be handed on and taken in here. */
  constructor(element, serial, packs, said) {
    Object.assign(this, { serial, packs, said });
    this.list = h("ul");
    this.title = h("summary", {});
    this.box = h("details", { class: "taught", hidden: true }, this.title, this.list);
    if (packs) new Packs(this.box, serial, { said, changed: () => this.look() });
    element.append(this.box);
  }

  async look() {
    const serial = this.serial();
    if (serial === null) return void (this.box.hidden = true);
    try {
      const [{ annotations }, { corrections }] = await Promise.all(
        ["annotations", "corrections"].map((what) => get(`${phonePath(serial)}/${what}`)),
      );
      if (this.serial() === serial) this.#draw(annotations, corrections);
    } catch (fault) {
      this.said(fault.message);
    }
  }

  #draw(annotations, corrections) {
    const holding = annotations.filter((made) => made.undone_s === null);
    this.box.hidden = !annotations.length && !corrections.length && !this.packs;
    const said = corrections.length ? `, ${corrections.length} corrected` : "";
    this.title.textContent = `Hidden by hand: ${holding.length}${said}`;
    this.list.replaceChildren(
      ...corrections.map((made) => this.#corrected(made)),
      ...annotations.map((made) => this.#row(made)),
    );
  }

  #corrected(made) {
    return h(
      "li",
      { "data-correction": made.id },
      h("span", {}, h("b", {}, made.harmful ? "harmful" : "fine"), made.text ? `: “${short(made.text)}”` : `: a text in ${made.app}`),
      h("small", {}, about(made)),
      h(
        "button",
        { type: "button", class: "quiet", onclick: () => this.#undo("corrections", made.id) },
        "Take back",
      ),
    );
  }

  #row(made) {
    const undone = made.undone_s !== null;
    return h(
      "li",
      { class: undone ? "undone" : "", "data-annotation": made.id },
      h("span", {}, h("b", {}, made.breadth === "like" ? `all like ${made.name}` : made.name), ` in ${made.app}`),
      h("small", {}, about(made) + (undone ? "; shown again" : "")),
      undone
        ? null
        : h("button", { type: "button", class: "quiet", onclick: () => this.#undo("annotations", made.id) }, "Show again"),
    );
  }

  async #undo(what, number) {
    try {
      await post(`${phonePath(this.serial())}/${what}/${number}/undo`);
    } catch (fault) {
      this.said(fault.message);
    }
    this.look();
  }
}

function about(made) {
  const when = new Date(1000 * made.made_s).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  return `${when}, by a ${made.author}${made.phone ? "" : ", on every phone"}`;
}

function short(text) {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
