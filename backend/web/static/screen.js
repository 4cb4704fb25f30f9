/** One phone's screen in the page: the mirror, what lies over it, and, unless it is only to be looked at, the way to touch it. */

import { phonePath, post } from "./api.js";
import { h } from "./dom.js";
import { Mirror } from "./mirror.js";
import { Overlay } from "./overlay.js";
import { Picker } from "./picker.js";
import { Taught } from "./taught.js";
import { passInput } from "./touch.js";

const VEILS = {
  connecting: "Connecting",
  lost: "Phone lost",
  paused: "Paused",
  unauthorised: "Not authorised",
  failed: "Out of order",
};

export class Screen {
  /** `everywhere`: whether what is hidden by hand here may be hidden on every phone. */
  constructor(
    element,
    { source, label, touchable = false, takesFocus = false, everywhere = false, said },
  ) {
    this.source = source;
    this.serial = null;
    this.phone = null;
    const serial = () => this.serial;
    this.canvas = h("canvas", {
      width: 540,
      height: 1110,
      role: touchable ? "application" : "img",
      "aria-label": label,
      tabindex: touchable ? 0 : undefined,
      class: touchable ? "touchable" : "",
    });
    const frame = h("div", { class: "screen" }, this.canvas);
    element.append(frame);
    this.overlay = new Overlay(frame, serial, { failed: (fault) => said(fault.message), takesFocus });
    this.mirror = new Mirror(this.canvas, (news) => this.#heard(news));
    if (touchable) {
      this.#makeTouchable(element, serial, said);
      this.#makeTeachable(element, frame, { serial, everywhere, said });
    }
  }

  /** Show the phone `serial`; null shows none. */
  watch(serial) {
    if (serial === this.serial) return;
    this.serial = serial;
    if (this.picker?.open) this.picker.stop();
    this.taught?.look();
    this.overlay.clear();
    this.overlay.cover(
      serial === null ? "No phone" : "Connecting",
      serial === null ? "Connect one, or start the virtual phone." : "",
    );
    this.mirror.show(serial === null ? null : `/${this.source}/${encodeURIComponent(serial)}/frame`);
  }

  /** What the phone list says about this phone. */
  update(phone) {
    this.phone = phone;
    this.#veil(phone.state);
  }

  #heard({ over, state, fault }) {
    if (fault) return this.overlay.cover("No picture", fault);
    if (over && this.source === "mirror") this.overlay.show(over);
    if (this.phone && this.phone.state !== state) this.phone = { ...this.phone, state, reason: "" };
    this.#veil(state);
  }

  #veil(state) {
    if (state === "live") this.overlay.cover(this.mirror.size[0] ? "" : "Waiting for the first picture");
    else this.overlay.cover(VEILS[state] ?? state, this.phone?.reason ?? "");
  }

  #makeTeachable(element, frame, { serial, everywhere, said }) {
    const panel = h("div", { class: "pick-panel" });
    const point = h(
      "button",
      {
        type: "button",
        class: "point",
        title: "Point at something on the screen to have it hidden",
        onclick: () => this.picker.start(),
      },
      "Hide…",
    );
    element.querySelector(".keys").append(point);
    element.append(panel);
    this.taught = new Taught(element, serial, everywhere, said);
    const turned = (on) => {
      element.classList.toggle("picking", on);
      if (!on) this.taught.look();
    };
    this.picker = new Picker(frame, panel, { mirror: this.mirror, serial, everywhere, said, turned });
  }

  #makeTouchable(element, serial, said) {
    const line = passInput(this.canvas, this.mirror, serial, {
      failed: (fault) => said(fault.message),
      refused: () => said("That touch was held back by an intervention."),
    });
    const press = (key) => line.send(() => post(`${phonePath(serial())}/key`, { key }));
    const field = h("input", {
      type: "text",
      placeholder: "Type on the phone",
      "aria-label": "Type on the phone",
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
    });
    const send = (event) => {
      event.preventDefault();
      const text = field.value;
      field.value = "";
      line.send(() =>
        text
          ? post(`${phonePath(serial())}/text`, { text })
          : post(`${phonePath(serial())}/key`, { key: "enter" }),
      );
    };
    const key = (name, label, sign) =>
      h(
        "button",
        { type: "button", class: "key", title: label, "aria-label": label, onclick: () => press(name) },
        sign,
      );
    element.append(
      h(
        "div",
        { class: "keys" },
        key("back", "Back", "◁"),
        key("home", "Home", "○"),
        key("recents", "Recent apps", "▢"),
        h("form", { class: "typing", onsubmit: send }, field),
      ),
    );
  }
}
