/** What lies over the mirror: an interstitial (a pause with a countdown, or a question), notices, and why there is no picture. */

import { phonePath, post } from "./api.js";
import { h, say } from "./dom.js";

const NOTICE_MS = 6000;

export class Overlay {
  constructor(element, serial, { failed, takesFocus = false }) {
    this.element = element;
    this.serial = serial;
    this.failed = failed;
    this.takesFocus = takesFocus;
    this.open = null;
    this.seen = new Set();
    this.notices = h("div", { class: "notices", role: "status" });
    this.veil = h("div", { class: "veil", hidden: true, role: "status" });
    element.append(this.veil, this.notices);
  }

  /** `over` is what came with the picture: {interstitial, notices}. */
  show({ interstitial, notices }) {
    for (const notice of notices) if (!this.seen.has(notice)) this.#notify(notice);
    this.seen = new Set(notices);
    if (interstitial?.key === this.open?.key) return;
    this.#close();
    if (interstitial) this.#open(interstitial);
  }

  /** Hide the picture and say why; empty text shows it again. */
  cover(title, reason = "") {
    this.veil.hidden = !title;
    if (!title) return;
    if (this.veil.dataset.said === title + reason) return;
    this.veil.dataset.said = title + reason;
    this.veil.replaceChildren(h("strong", {}, title), reason ? h("p", {}, reason) : "");
  }

  clear() {
    this.#close();
    this.seen.clear();
    this.notices.replaceChildren();
  }

  #notify(text) {
    const notice = h("p", { class: "notice-over" }, text);
    this.notices.append(notice);
    setTimeout(() => notice.remove(), NOTICE_MS);
  }

  #open(interstitial) {
    const until = performance.now() + interstitial.remaining_s * 1000;
    const answer = (choice) => this.#answer(interstitial.key, choice);
    const title = `over-${interstitial.key.replace(/\W/g, "-")}`;
    const dialog = h(
      "div",
      { class: "interstitial", role: "dialog", "aria-labelledby": title, "data-key": interstitial.key },
      h("p", { class: "message", id: title }, interstitial.message),
    );
    this.open = { key: interstitial.key, dialog, timer: 0 };
    if (interstitial.kind === "ask") {
      dialog.append(
        h(
          "div",
          { class: "answers" },
          interstitial.answers.map((text) =>
            h("button", { type: "button", onclick: () => answer(text) }, text),
          ),
        ),
      );
    } else {
      const dismiss = h(
        "button",
        { type: "button", class: "primary", onclick: () => answer("dismiss") },
        interstitial.dismiss,
      );
      const count = h("p", { class: "count", role: "timer" });
      const ring = h("progress", { max: Math.max(interstitial.seconds, 0.001), "aria-hidden": "true" });
      dialog.append(
        count,
        ring,
        h(
          "div",
          { class: "answers" },
          dismiss,
          h("button", { type: "button", onclick: () => answer("leave") }, interstitial.leave),
        ),
      );
      const tick = () => {
        const left = Math.max(0, (until - performance.now()) / 1000);
        say(count, left > 0 ? String(Math.ceil(left)) : "");
        count.hidden = left <= 0;
        ring.value = interstitial.seconds - left;
        dismiss.disabled = left > 0;
        if (left > 0) this.open.timer = setTimeout(tick, 100);
      };
      tick();
    }
    this.element.append(dialog);
    if (this.takesFocus) dialog.querySelector("button:not(:disabled)")?.focus();
  }

  async #answer(key, choice) {
    try {
      const { accepted } = await post(`${phonePath(this.serial())}/answer`, { key, choice });
      if (accepted && this.open?.key === key) this.open.dialog.classList.add("answered");
    } catch (fault) {
      this.failed(fault);
    }
  }

  #close() {
    if (!this.open) return;
    clearTimeout(this.open.timer);
    this.open.dialog.remove();
    this.open = null;
  }
}
