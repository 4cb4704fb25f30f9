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
      const { annotations } = await get(`${phonePath(serial)}/annotations`);
      if (this.serial() === serial) this.#draw(annotations);
    } catch (fault) {
      this.said(fault.message);
    }
  }

  #draw(annotations) {
    const holding = annotations.filter((made) => made.undone_s === null);
    this.box.hidden = !annotations.length && !this.packs;
    this.title.textContent = `Hidden by hand: ${holding.length}`;
    this.list.replaceChildren(...annotations.map((made) => this.#row(made)));
  }

  #row(made) {
    const undone = made.undone_s !== null;
    const where = made.phone ? "" : ", on every phone";
    const when = new Date(1000 * made.made_s).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    return h(
      "li",
      { class: undone ? "undone" : "", "data-annotation": made.id },
      h("span", {}, h("b", {}, made.breadth === "like" ? `all like ${made.name}` : made.name), ` in ${made.app}`),
      h("small", {}, `${when}, by a ${made.author}${where}${undone ? "; shown again" : ""}`),
      undone
        ? null
        : h("button", { type: "button", class: "quiet", onclick: () => this.#undo(made.id) }, "Show again"),
    );
  }

  async #undo(number) {
    try {
      await post(`${phonePath(this.serial())}/annotations/${number}/undo`);
    } catch (fault) {
      this.said(fault.message);
    }
    this.look();
  }
}
