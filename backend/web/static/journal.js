/** The journal: live while you look at its top, searchable, older records on demand. */

import { get } from "./api.js";
import { byId, h, say } from "./dom.js";
import { poll } from "./poll.js";

const PAGE = 60;
const MOST_LIVE = 300;

export function showJournal(failed) {
  const list = byId("records");
  const form = byId("search");
  const older = byId("older");
  const fresh = byId("fresh");
  let newest = 0;
  let oldest = null;
  let waiting = 0;
  let asked = 0;

  const wanted = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  const narrowed = () => Object.keys(wanted()).length > 0;

  async function search() {
    const mine = ++asked;
    const { records, trouble } = await get(
      `/api/journal?${new URLSearchParams({ ...wanted(), limit: PAGE })}`,
    );
    if (mine !== asked) return;
    [waiting, fresh.hidden] = [0, true];
    newest = Math.max(newest, records[0]?.id ?? 0);
    list.replaceChildren(...records.map(row));
    if (!records.length)
      list.append(
        h("li", { class: "none" }, narrowed() ? "Nothing in the journal matches." : "Nothing yet."),
      );
    page(records);
    health(trouble);
  }

  function page(records) {
    oldest = records.at(-1)?.id ?? oldest;
    older.hidden = records.length < PAGE;
  }

  async function more() {
    const { records } = await get(
      `/api/journal?${new URLSearchParams({ ...wanted(), limit: PAGE, before_id: oldest })}`,
    );
    list.append(...records.map(row));
    page(records);
  }

  async function news() {
    const { records, trouble } = await get(`/api/events?after=${newest}`);
    health(trouble);
    if (!records.length) return;
    newest = records.at(-1).id;
    if (narrowed() || list.scrollTop > 40) {
      waiting += records.length;
      say(fresh, `${waiting} new`);
      fresh.hidden = false;
      return;
    }
    list.querySelector(".none")?.remove();
    list.prepend(...records.reverse().map(row));
    while (list.children.length > MOST_LIVE) {
      list.lastChild.remove();
      oldest = Number(list.lastChild.dataset.id);
      older.hidden = false;
    }
  }

  function health(trouble) {
    say(byId("journal-health"), trouble ? `The journal is not being written: ${trouble}` : "");
  }

  let typing = 0;
  form.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => search().catch(failed), 200);
  });
  form.addEventListener("submit", (event) => (event.preventDefault(), search().catch(failed)));
  fresh.addEventListener("click", () => (form.reset(), (list.scrollTop = 0), search().catch(failed)));
  older.addEventListener("click", () => more().catch(failed));
  search()
    .catch(failed)
    .finally(() => poll(2000, news, failed));
}

function row(record) {
  const time = new Date(record.time_s * 1000);
  const facts = [
    record.app,
    record.frame === null ? "" : `frame ${record.frame}`,
    box(record.box),
    record.phone,
  ]
    .filter(Boolean)
    .join("  ·  ");
  const trace = record.detail.traceback;
  return h(
    "li",
    { "data-id": record.id, "data-kind": record.kind },
    h(
      "time",
      { datetime: time.toISOString(), title: time.toLocaleString() },
      time.toLocaleTimeString([], { hour12: false }),
    ),
    h(
      "div",
      { class: "what" },
      h(
        "p",
        {},
        h("b", {}, record.name),
        record.label ? h("span", { class: "label" }, record.label) : "",
        record.score === null ? "" : h("span", { class: "score" }, record.score.toFixed(2)),
        record.late ? h("span", { class: "late" }, "late") : "",
        record.intervention ? h("span", { class: "by" }, record.intervention) : "",
      ),
      record.text ? h("p", { class: "why" }, record.text) : "",
      facts ? h("p", { class: "facts", title: facts }, facts) : "",
      trace ? h("details", {}, h("summary", {}, "Traceback"), h("pre", {}, trace)) : "",
    ),
  );
}

function box(given) {
  return given ? `${given.left},${given.top} – ${given.right},${given.bottom}` : "";
}
