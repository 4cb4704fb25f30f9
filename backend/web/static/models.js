import { get } from "./api.js";
import { byId, h, say } from "./dom.js";
import { poll } from "./poll.js";

const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "");
const ratio = (part, whole, digits) => (whole ? (part / whole).toFixed(digits) : "");

/** What the loaded models have been doing; one row each, made once and then only its numbers rewritten. */
function draw(models) {
  const body = byId("serving-rows");
  byId("idle").hidden = models.length > 0;
  byId("serving").hidden = models.length === 0;
  const names = models.map((model) => model.name);
  if (body.dataset.drawn !== JSON.stringify(names)) {
    body.dataset.drawn = JSON.stringify(names);
    body.replaceChildren(
      ...names.map((name) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, name, h("small", {})),
          Array.from({ length: 9 }, () => h("td", { class: "number" })),
        ),
      ),
    );
  }
  models.forEach((model, row) => {
    const cells = body.rows[row].cells;
    say(cells[0].querySelector("small"), model.version);
    [
      model.items,
      share(model.hits + model.shared, model.items),
      model.batches,
      ratio(model.judged, model.batches, 1),
      ratio(1000 * model.seconds, model.judged, 2),
      model.queued,
      model.late,
      model.shed,
      model.failures,
    ].forEach((value, at) => say(cells[at + 1], String(value)));
  });
}

poll(
  2000,
  async () => {
    draw((await get("/api/serving")).models);
    say(byId("state"), "");
  },
  (fault) => say(byId("state"), fault.message),
);
