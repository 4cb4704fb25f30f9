/** Handing on what was taught as a signed file, and taking in somebody else's after a look at what it would hide. */

import { phonePath, send } from "./api.js";
import { h } from "./dom.js";

export class Packs {
  constructor(element, serial, { said, changed }) {
    Object.assign(this, { serial, said, changed });
    const file = h("input", { type: "file", accept: ".json,application/json", hidden: true });
    file.addEventListener("change", () => {
      const [chosen] = file.files;
      file.value = "";
      if (chosen) this.#look(chosen);
    });
    element.append(
      file,
      h(
        "p",
        { class: "packs" },
        h("button", { type: "button", class: "quiet", onclick: () => this.#handOn() }, "Save as a pack"),
        h("button", { type: "button", class: "quiet", onclick: () => file.click() }, "Take in a pack…"),
      ),
    );
  }

  get #path() {
    return `${phonePath(this.serial())}/pack`;
  }

  #handOn() {
    if (this.serial() === null) return this.said("There is no phone.");
    h("a", { href: this.#path, download: "taught.pack.json" }).click();
  }

  async #look(file) {
    try {
      const contents = await send("POST", `${this.#path}/preview`, file);
      this.#show(file, contents);
    } catch (fault) {
      this.said(fault.message);
    }
  }

  #show(file, contents) {
    const trust = contents.known_author ? null : h("input", { type: "checkbox" });
    const everywhere = h("input", { type: "checkbox" });
    const take = h(
      "button",
      {
        type: "button",
        class: "primary",
        disabled: trust !== null || !contents.entries.some((one) => !one.known),
        onclick: () => this.#takeIn(file, { everywhere: everywhere.checked, trust: trust?.checked ?? false }, dialog),
      },
      "Take in",
    );
    trust?.addEventListener("change", () => (take.disabled = !trust.checked));
    const dialog = h(
      "dialog",
      { class: "pack", "aria-labelledby": "pack-title" },
      h("h2", { id: "pack-title" }, contents.name || "A pack"),
      h(
        "p",
        {},
        contents.known_author ? "Signed by " : "Nobody here knows who signed it: ",
        h("code", {}, contents.author),
        contents.known_author ? "." : ". Ask its author whether that is their key.",
      ),
      h("ul", {}, contents.entries.map((one) => row(one, contents.screens))),
      trust && h("label", { class: "everywhere" }, trust, "I trust this author, from now on"),
      h("label", { class: "everywhere" }, everywhere, "on every phone"),
      h(
        "p",
        { class: "ways" },
        take,
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Cancel"),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  async #takeIn(file, { everywhere, trust }, dialog) {
    try {
      const { annotations } = await send("POST", `${this.#path}?everywhere=${everywhere}&trust=${trust}`, file);
      this.said(`${annotations.length} new things are hidden now.`);
    } catch (fault) {
      this.said(fault.message);
    }
    dialog.close();
    this.changed();
  }
}

function row({ app, name, rule, known, also_on }, screens) {
  const seen = screens === 1 ? (also_on ? "on this screen" : "not on this screen") : `on ${also_on} of the last ${screens} pictures`;
  const where = rule.includes("##crop=") ? "by how it looks" : seen;
  return h(
    "li",
    {},
    h("span", {}, h("b", {}, name), ` in ${app}`),
    h("small", { title: rule }, known ? "hidden here already" : where),
  );
}
