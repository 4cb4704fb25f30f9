/**
 * Pointing at something on the screen, to have it hidden. The picture stands still meanwhile; what is pointed at is outlined,
 * everything else is darkened, and nothing lies over the thing itself. What to do with it stands below the picture.
 */

import { get, phonePath, post } from "./api.js";
import { h, say } from "./dom.js";

const WAYS = { this: "Hide this", like: "Hide all like this" };

export class Picker {
  /** `panel` is where the choice stands; `turned` is told when pointing begins and when it ends. */
  constructor(frame, panel, { mirror, serial, everywhere, said, turned }) {
    Object.assign(this, { frame, panel, mirror, serial, everywhere, said, turned });
    this.offer = null;
    this.layer = h("div", {
      class: "picker",
      role: "application",
      tabindex: 0,
      hidden: true,
      "aria-label": "Point at what is to be hidden. Arrow keys go from thing to thing, up and down to a larger and smaller one, Enter chooses.",
    });
    this.spoken = h("p", { class: "spoken", "aria-live": "polite" });
    frame.append(this.layer);
    panel.append(this.spoken);
    this.layer.addEventListener("pointermove", (event) => this.chosen === null && this.#pointAt(event));
    this.layer.addEventListener("click", (event) => this.#click(event));
    this.layer.addEventListener("keydown", (event) => this.#key(event));
    this.layer.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  get open() {
    return this.offer !== null;
  }

  /** Begin to point. */
  async start() {
    try {
      this.offer = await get(`${phonePath(this.serial())}/things`);
    } catch (fault) {
      return this.said(fault.message);
    }
    this.mirror.hold(true);
    this.turned(true);
    this.path = `${phonePath(this.serial())}/things/${this.offer.number}`;
    [this.stack, this.level, this.chosen] = [[], 0, null];
    this.layer.hidden = false;
    this.#invite();
    this.layer.focus({ preventScroll: true });
  }

  /** Stop pointing; the picture goes on. */
  stop() {
    this.offer = null;
    this.layer.hidden = true;
    this.layer.replaceChildren();
    this.panel.replaceChildren(this.spoken);
    say(this.spoken, "");
    this.mirror.hold(false);
    this.turned(false);
  }

  #invite() {
    this.layer.replaceChildren();
    this.panel.replaceChildren(
      h(
        "div",
        { class: "choice" },
        h("p", {}, "Point at what you want to have hidden."),
        h("button", { type: "button", class: "quiet", onclick: () => this.stop() }, "Cancel"),
      ),
      this.spoken,
    );
  }

  get #thing() {
    return this.stack[this.level] ?? null;
  }

  #pointAt(event) {
    const box = this.layer.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.offer.size[0];
    const y = ((event.clientY - box.top) / box.height) * this.offer.size[1];
    const under = this.offer.things
      .map((thing, at) => at)
      .filter((at) => inside(this.offer.things[at].box, x, y));
    if (under.join() === this.stack.join()) return;
    [this.stack, this.level] = [under, 0];
    this.#outline();
  }

  #click(event) {
    if (this.chosen !== null) this.#release();
    this.#pointAt(event);
    if (this.#thing !== null) this.#choose();
  }

  #wheel(event) {
    event.preventDefault();
    if (this.chosen === null) this.#resize(Math.sign(-event.deltaY));
  }

  /** Mean what the thing stands in (+1), or what stands in it (-1). */
  #resize(by) {
    const level = Math.max(0, Math.min(this.stack.length - 1, this.level + by));
    if (level === this.level || !this.stack.length) return;
    this.level = level;
    this.#outline();
    if (this.chosen !== null) this.#choose();
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const size = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step) this.#walk(step);
    else if (size) this.#resize(size);
    else if (event.key === "Enter" && this.#thing !== null) this.#choose();
    else if (event.key === "Escape") this.stop();
    else return;
    event.preventDefault();
  }

  /** The next thing in reading order. */
  #walk(step) {
    const order = this.offer.things
      .map((thing, at) => at)
      .sort((one, other) => {
        const [a, b] = [this.offer.things[one].box, this.offer.things[other].box];
        return a.top - b.top || a.left - b.left;
      });
    const here = order.indexOf(this.#thing);
    const next = order[(here + step + order.length) % order.length] ?? null;
    if (next === null) return;
    const box = this.offer.things[next].box;
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const around = order.filter((at) => inside(this.offer.things[at].box, x, y)).sort((a, b) => a - b);
    [this.stack, this.level] = [around, Math.max(0, around.indexOf(next))];
    this.#release();
    this.#outline();
  }

  #release() {
    if (this.chosen === null) return;
    this.chosen = null;
    this.#invite();
  }

  async #choose() {
    const thing = (this.chosen = this.#thing);
    let previews;
    try {
      ({ previews } = await get(`${this.path}/${thing}`));
    } catch (fault) {
      if (fault.status === 409 && !fault.error.includes("pixels")) this.stop();
      this.chosen = null;
      return this.said(fault.message);
    }
    if (this.chosen === thing && this.open) this.#offerWays(thing, previews);
  }

  #offerWays(thing, previews) {
    const everywhere = this.everywhere
      ? h("label", { class: "everywhere" }, h("input", { type: "checkbox" }), "on every phone")
      : null;
    const ways = previews.map((preview) =>
      h(
        "button",
        {
          type: "button",
          class: preview.breadth === "this" ? "primary" : "",
          "data-breadth": preview.breadth,
          onpointerenter: () => this.#outline(preview.boxes),
          onpointerleave: () => this.#outline(),
          onfocus: () => this.#outline(preview.boxes),
          onblur: () => this.#outline(),
          onclick: () => this.#hide(thing, preview.breadth, everywhere?.firstChild.checked ?? false),
        },
        preview.boxes.length > 1 ? `Hide all ${preview.boxes.length} like this` : WAYS[preview.breadth],
      ),
    );
    const resize = (by, label, sign) =>
      h(
        "button",
        {
          type: "button",
          class: "key",
          title: label,
          "aria-label": label,
          disabled: by > 0 ? this.level >= this.stack.length - 1 : this.level === 0,
          onclick: () => this.#resize(by),
        },
        sign,
      );
    this.panel.replaceChildren(
      h(
        "div",
        { class: "choice" },
        h("p", { class: "meant" }, this.offer.things[thing].name),
        h("small", {}, said(previews[0])),
        h("div", { class: "ways" }, resize(-1, "Something smaller", "−"), resize(1, "Something larger", "+"), ways),
        h(
          "div",
          { class: "ways" },
          everywhere,
          h("button", { type: "button", class: "quiet", onclick: () => this.stop() }, "Cancel"),
        ),
      ),
      this.spoken,
    );
    this.panel.querySelector(".primary")?.focus({ preventScroll: true });
    this.panel.scrollIntoView({ block: "nearest" });
  }

  async #hide(thing, breadth, everywhere) {
    try {
      await post(`${this.path}/${thing}/hide`, { breadth, everywhere });
      this.said("Hidden. It is listed below the screen, where you can show it again.");
    } catch (fault) {
      this.said(fault.message);
    }
    this.stop();
  }

  /** Outline the thing that is meant, or `boxes`, and darken the rest. */
  #outline(boxes) {
    const thing = this.open ? this.#thing : null;
    if (thing === null) return this.layer.replaceChildren();
    const { box, name } = this.offer.things[thing];
    const shown = boxes ?? [box];
    const [width, height] = this.offer.size;
    const percent = (part, whole) => `${(100 * part) / whole}%`;
    const place = (one) => ({
      left: percent(one.left, width),
      top: percent(one.top, height),
      width: percent(one.right - one.left, width),
      height: percent(one.bottom - one.top, height),
    });
    const outlines = shown.map((one) => {
      const outline = h("div", { class: shown.length > 1 ? "outline one-of-many" : "outline" });
      Object.assign(outline.style, place(one));
      return outline;
    });
    const label = h("div", { class: "label", "aria-hidden": "true" }, name);
    const above = box.top > height * 0.06;
    Object.assign(label.style, {
      left: percent(Math.min(box.left, width * 0.5), width),
      [above ? "bottom" : "top"]: percent(above ? height - box.top : box.bottom, height),
    });
    this.layer.replaceChildren(...outlines, label);
    say(this.spoken, name);
  }
}

function inside(box, x, y) {
  return box.left <= x && x < box.right && box.top <= y && y < box.bottom;
}

function said({ by, also_on, screens }) {
  const where =
    screens > 1 ? ` It would be hidden on ${also_on} of the last ${screens} pictures.` : "";
  const how = {
    id: "It is known by its name, and found wherever it stands.",
    text: "It is known by what it says.",
    position: "It is known by its place alone: on another screen something else may be there.",
  }[by];
  return how + where;
}
