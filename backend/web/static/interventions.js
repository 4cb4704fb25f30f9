/** The interventions: on, off, what they did, what went wrong, and a form made from their parameters. */

import { call, get } from "./api.js";
import { byId, h, say } from "./dom.js";
import { parameterForm } from "./parameters.js";
import { poll } from "./poll.js";

export function showInterventions(failed) {
  const cards = new Map();
  const list = byId("interventions");
  const turn = poll(
    2000,
    async () => {
      const asked = performance.now();
      const { interventions, models, cascades } = await get("/api/interventions");
      for (const name of [...cards.keys()]) {
        if (interventions.some((given) => given.name === name)) continue;
        cards.get(name).element.remove();
        cards.delete(name);
      }
      for (const given of interventions) {
        let card = cards.get(given.name);
        if (!card) {
          card = new Card(
            given.name,
            (change) => call("PATCH", `/api/interventions/${encodeURIComponent(given.name)}`, change),
            () => turn(),
          );
          cards.set(given.name, card);
          list.append(card.element);
        }
        card.update(given, models, asked);
        card.showSecond(given, cascades);
      }
      const on = interventions.filter((given) => given.enabled).length;
      say(
        byId("interventions-count"),
        interventions.length ? `${on} of ${interventions.length} on` : "none found",
      );
      fillFilter(interventions);
    },
    failed,
  );
}

function fillFilter(interventions) {
  const filter = byId("search").elements.intervention;
  const known = new Set([...filter.options].map((option) => option.value));
  for (const { name } of interventions)
    if (!known.has(name)) filter.append(h("option", { value: name }, name));
}

class Card {
  constructor(name, change, changed) {
    this.change = change;
    this.changed = changed;
    this.drawn = "";
    this.changing = 0;
    this.changedAt = 0;
    const id = `card-${name.replace(/\W/g, "-")}`;
    this.toggle = h("input", {
      type: "checkbox",
      role: "switch",
      "aria-label": `${name} on`,
      onchange: () => this.#send({ enabled: this.toggle.checked }),
    });
    this.body = h("div", { class: "body", id, hidden: true });
    this.opener = h(
      "button",
      {
        type: "button",
        class: "opener",
        "aria-expanded": "false",
        "aria-controls": id,
        onclick: () => this.#open(),
      },
      h("span", { class: "name" }, name),
    );
    this.counters = h("p", { class: "counters" });
    this.second = h("p", { class: "counters second" });
    this.doc = h("p", { class: "doc" });
    this.scope = h("p", { class: "scope" });
    this.fault = h("div", { class: "fault", hidden: true });
    this.form = h("div", {});
    this.said = h("p", { class: "said", role: "status" });
    this.body.append(this.scope, this.form, this.said);
    this.element = h(
      "article",
      { class: "card", "data-name": name },
      h("header", {}, this.opener, h("label", { class: "toggle" }, this.toggle)),
      this.doc,
      this.counters,
      this.second,
      this.fault,
      this.body,
    );
  }

  /** `given` was asked for at `asked`. What was asked before the last change is old news, and would undo it on the screen. */
  update(given, models, asked) {
    if (this.changing || asked < this.changedAt) return;
    const signature = JSON.stringify([given.parameters, models]);
    if (signature !== this.drawn) {
      this.drawn = signature;
      this.fields = parameterForm(given, models, (values) => this.#send({ values }));
      this.form.replaceChildren(this.fields.element);
    }
    this.#show(given);
  }

  /** How often its judge, where that is a cascade, asked for a second opinion. */
  showSecond(given, cascades) {
    const judges = given.parameters.filter(({ kind }) => kind === "model").map(({ name }) => given.values[name]);
    const used = cascades.filter(({ cascade, judged }) => judged && judges.includes(cascade));
    say(this.second, used.map(secondOpinion).join("  ·  "));
  }

  #show(given) {
    this.toggle.checked = given.enabled;
    this.element.classList.toggle("off", !given.enabled);
    say(this.doc, given.doc);
    say(this.scope, given.apps.includes("*") ? "In every app" : `In ${given.apps.join(", ")}`);
    say(
      this.counters,
      Object.entries(given.counters)
        .filter(([, count]) => count > 0)
        .map(([what, count]) => `${count.toLocaleString()} ${what}`)
        .join("  ·  "),
    );
    this.#showFault(given);
    this.fields.update(given.values);
  }

  #showFault({ error, traceback }) {
    this.fault.hidden = !error;
    const signature = error + traceback;
    if (this.fault.dataset.drawn === signature) return;
    this.fault.dataset.drawn = signature;
    this.fault.replaceChildren(
      h("p", {}, error),
      traceback ? h("details", {}, h("summary", {}, "Traceback"), h("pre", {}, traceback)) : "",
    );
  }

  async #send(change) {
    this.changing += 1;
    try {
      this.#show(await this.change(change));
      say(this.said, change.values ? "Saved" : "");
      this.said.classList.remove("bad");
    } catch (fault) {
      say(this.said, fault.message);
      this.said.classList.add("bad");
      if (!change.values) this.#open(true);
    } finally {
      this.changing -= 1;
      this.changedAt = performance.now();
      this.changed();
    }
  }

  #open(open = this.body.hidden) {
    this.body.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
  }
}

function secondOpinion({ judged, escalated, share, answered, overturned, waiting }) {
  const percent = (100 * share).toFixed(share < 0.1 ? 1 : 0);
  const parts = [
    `second opinion on ${percent} % (${escalated.toLocaleString()} of ${judged.toLocaleString()} texts)`,
    answered ? `${overturned} of ${answered} overturned` : "",
    waiting ? `${waiting} waiting` : "",
  ];
  return parts.filter(Boolean).join(", ");
}
