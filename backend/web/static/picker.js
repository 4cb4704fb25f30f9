/**
 * Pointing at something on the screen, to have it hidden: at a thing, or at any piece by drawing a box around it. The picture
 * stands still meanwhile; what is pointed at is outlined, everything else is darkened, and nothing lies over the thing itself.
 * What to do with it stands below the picture.
 */

import { get, phonePath, post } from "./api.js";
import { h, say } from "./dom.js";

const WAYS = { this: "Hide this", like: "Hide all like this" };
const DRAG_PX = 8;

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
    this.layer.addEventListener("pointerdown", (event) => this.#press(event));
    this.layer.addEventListener("pointermove", (event) => this.#move(event));
    this.layer.addEventListener("pointerup", (event) => this.#release(event));
    this.layer.addEventListener("pointercancel", () => (this.pressed = null));
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
    [this.stack, this.level, this.piece, this.chosen, this.pressed] = [[], 0, null, false, null];
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
        h("p", {}, "Point at what you want to have hidden, or draw a box around it."),
        h("button", { type: "button", class: "quiet", onclick: () => this.stop() }, "Cancel"),
      ),
      this.spoken,
    );
  }

  get #thing() {
    return this.stack[this.level] ?? null;
  }

  /** What is meant, as the backend takes it; null while nothing is. */
  get #meant() {
    if (this.piece) return { piece: this.piece };
    return this.#thing === null ? null : { thing: this.#thing };
  }

  get #pick() {
    return this.piece || this.#thing === null ? null : this.offer.things[this.#thing];
  }

  get #name() {
    return this.piece ? "this piece of the screen" : this.offer.things[this.#thing].name;
  }

  #at(event) {
    const box = this.layer.getBoundingClientRect();
    const within = (share, size) => Math.max(0, Math.min(size, Math.round(share * size)));
    return [
      within((event.clientX - box.left) / box.width, this.offer.size[0]),
      within((event.clientY - box.top) / box.height, this.offer.size[1]),
    ];
  }

  #press(event) {
    if (event.button !== 0) return;
    this.layer.setPointerCapture(event.pointerId);
    this.pressed = { x: event.clientX, y: event.clientY, from: this.#at(event), drawing: false };
  }

  #move(event) {
    const { pressed } = this;
    if (!pressed) return void (this.chosen || this.#pointAt(event));
    const far = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) >= DRAG_PX;
    if (!pressed.drawing && !far) return;
    if (!pressed.drawing) this.#letGo();
    pressed.drawing = true;
    const [[x, y], [x0, y0]] = [this.#at(event), pressed.from];
    this.piece = {
      left: Math.min(x, x0),
      top: Math.min(y, y0),
      right: Math.max(x, x0),
      bottom: Math.max(y, y0),
    };
    this.#outline();
  }

  #release(event) {
    const drawn = this.pressed?.drawing;
    this.pressed = null;
    if (!drawn) {
      this.#letGo();
      this.#pointAt(event);
    }
    if (this.#meant) this.#choose();
  }

  #pointAt(event) {
    const [x, y] = this.#at(event);
    const under = this.offer.things
      .map((thing, at) => at)
      .filter((at) => inside(this.offer.things[at].box, x, y));
    if (!this.piece && under.join() === this.stack.join()) return;
    [this.stack, this.level, this.piece] = [under, 0, null];
    this.#outline();
  }

  #wheel(event) {
    event.preventDefault();
    if (!this.chosen) this.#resize(Math.sign(-event.deltaY));
  }

  /** Mean what the thing stands in (+1), or what stands in it (-1). */
  #resize(by) {
    const level = Math.max(0, Math.min(this.stack.length - 1, this.level + by));
    if (level === this.level || !this.stack.length || this.piece) return;
    this.level = level;
    this.#outline();
    if (this.chosen) this.#choose();
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const size = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step) this.#walk(step);
    else if (size) this.#resize(size);
    else if (event.key === "Enter" && this.#meant) this.#choose();
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
    this.#letGo();
    [this.stack, this.level, this.piece] = [around, Math.max(0, around.indexOf(next)), null];
    this.#outline();
  }

  /** What was chosen is not any more. */
  #letGo() {
    if (!this.chosen) return;
    this.chosen = false;
    this.piece = null;
    this.#invite();
  }

  async #choose() {
    this.chosen = true;
    const meant = this.#meant;
    if (this.#pick?.kind === "cover") return this.#offerPardon(meant.thing);
    let previews;
    try {
      ({ previews } = await post(`${this.path}/preview`, meant));
    } catch (fault) {
      this.said(fault.message);
      if (fault.error?.includes("has gone")) return this.stop();
      return this.#letGo();
    }
    if (this.open && same(this.#meant, meant)) this.#offerWays(meant, previews);
  }

  #offerWays(meant, previews) {
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
          onclick: () => this.#hide(meant, preview.breadth),
        },
        preview.boxes.length > 1 ? `Hide all ${preview.boxes.length} like this` : WAYS[preview.breadth],
      ),
    );
    if (this.#pick?.text) {
      const harmful = () => this.#correct(meant.thing, true);
      ways.push(
        h(
          "button",
          { type: "button", title: "Also texts of its kind, wherever they stand", onclick: harmful },
          "Hide what says such things",
        ),
      );
    }
    this.#ask(said(previews[0]), ways);
  }

  #offerPardon(thing) {
    const fine = () => this.#correct(thing, false);
    this.#ask("It is shown again, and texts of its kind are judged more mildly.", [
      h("button", { type: "button", class: "primary", onclick: fine }, "This was fine"),
    ]);
  }

  /** Put the choice below the picture. */
  #ask(about, ways) {
    this.onEveryPhone = this.everywhere ? h("input", { type: "checkbox" }) : null;
    const resize = (by, label, sign) =>
      h(
        "button",
        {
          type: "button",
          class: "key",
          title: label,
          "aria-label": label,
          disabled:
            this.piece !== null || (by > 0 ? this.level >= this.stack.length - 1 : this.level === 0),
          onclick: () => this.#resize(by),
        },
        sign,
      );
    this.panel.replaceChildren(
      h(
        "div",
        { class: "choice" },
        h("p", { class: "meant" }, this.#name),
        h("small", {}, about),
        h("div", { class: "ways" }, resize(-1, "Something smaller", "−"), resize(1, "Something larger", "+"), ways),
        h(
          "div",
          { class: "ways" },
          this.onEveryPhone && h("label", { class: "everywhere" }, this.onEveryPhone, "on every phone"),
          h("button", { type: "button", class: "quiet", onclick: () => this.stop() }, "Cancel"),
        ),
      ),
      this.spoken,
    );
    this.panel.querySelector(".primary")?.focus({ preventScroll: true });
    this.panel.scrollIntoView({ block: "nearest" });
  }

  async #correct(thing, harmful) {
    try {
      await post(`${this.path}/correct`, { thing, harmful, everywhere: this.onEveryPhone?.checked ?? false });
      this.said(harmful ? "Hidden, and others of its kind soon." : "It will be shown, and others of its kind soon.");
    } catch (fault) {
      this.said(fault.message);
    }
    this.stop();
  }

  async #hide(meant, breadth) {
    const everywhere = this.onEveryPhone?.checked ?? false;
    try {
      await post(`${this.path}/hide`, { ...meant, breadth, everywhere });
      this.said("Hidden. It is listed below the screen, where you can show it again.");
    } catch (fault) {
      this.said(fault.message);
    }
    this.stop();
  }

  /** Outline the thing that is meant, or `boxes`, and darken the rest. */
  #outline(boxes) {
    if (!this.open || !this.#meant) return this.layer.replaceChildren();
    const box = this.piece ?? this.offer.things[this.#thing].box;
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
    const label = h("div", { class: "label", "aria-hidden": "true" }, this.#name);
    const above = box.top > height * 0.06;
    Object.assign(label.style, {
      left: percent(Math.min(box.left, width * 0.5), width),
      [above ? "bottom" : "top"]: percent(above ? height - box.top : box.bottom, height),
    });
    this.layer.replaceChildren(...outlines, label);
    say(this.spoken, this.#name);
  }
}

function inside(box, x, y) {
  return box.left <= x && x < box.right && box.top <= y && y < box.bottom;
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function said({ by, also_on, screens }) {
  const where =
    screens > 1 ? ` It would be hidden on ${also_on} of the last ${screens} pictures.` : "";
  const how = {
    id: "It is known by its name, and found wherever it stands.",
    text: "It is known by what it says.",
    position: "It is known by its place alone: on another screen something else may be there.",
    look: "It is known by how it looks, in a light or a dark theme, larger or smaller.",
  }[by];
  return how + where;
}
