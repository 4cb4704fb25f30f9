import { get, phonePath, post } from "./api.js";
import { byId, h, say } from "./dom.js";
import { showInterventions } from "./interventions.js";
import { showJournal } from "./journal.js";
import { poll } from "./poll.js";
import { Screen } from "./screen.js";
import { showTimings } from "./timings.js";

const STATES = {
  live: "live",
  connecting: "connecting",
  lost: "lost",
  paused: "paused",
  unauthorised: "not authorised",
  failed: "failed",
};

const state = byId("state");
let quieten = 0;
/** One line that goes away by itself. */
function said(text) {
  say(state, text);
  clearTimeout(quieten);
  quieten = setTimeout(() => say(state, ""), 8000);
}
const failed = (fault) => said(fault.message);

const covered = new Screen(byId("covered"), {
  source: "mirror",
  label: "The covered mirror",
  touchable: true,
  everywhere: true,
  said,
});
const raw = new Screen(byId("raw"), { source: "raw", label: "The raw mirror", said });
const rawOn = byId("raw-on");
let phones = [];
let chosen = null;

function choose(serial) {
  chosen = serial;
  covered.watch(serial);
  raw.watch(rawOn.checked ? serial : null);
  byId("raw-figure").hidden = !rawOn.checked;
  byId("pair").classList.toggle("single", !rawOn.checked);
  draw();
}

function draw() {
  const list = byId("phones");
  const signature = JSON.stringify([
    chosen,
    phones.map((phone) => [phone.serial, phone.name, phone.state, phone.reason]),
  ]);
  if (list.dataset.drawn !== signature) {
    list.dataset.drawn = signature;
    const focused = document.activeElement?.dataset?.serial;
    list.replaceChildren(
      ...phones.map((phone) =>
        h(
          "button",
          {
            type: "button",
            class: "phone",
            "data-serial": phone.serial,
            "data-state": phone.state,
            "aria-pressed": String(phone.serial === chosen),
            title: [phone.serial, STATES[phone.state], phone.reason].filter(Boolean).join(" · "),
            onclick: () => choose(phone.serial),
          },
          h("span", { class: "dot", "aria-hidden": "true" }),
          h("b", {}, phone.name),
          h("small", {}, STATES[phone.state]),
        ),
      ),
    );
    if (focused) list.querySelector(`[data-serial="${CSS.escape(focused)}"]`)?.focus();
  }
  const phone = phones.find((one) => one.serial === chosen);
  say(
    byId("app"),
    phone
      ? [phone.app, `${phone.size.join(" × ")}`, `${phone.fps.toFixed(1)} frames/s`]
          .filter(Boolean)
          .join("  ·  ")
      : "",
  );
  say(byId("pause"), phone?.state === "paused" ? "Go on" : "Pause");
  byId("pause").disabled = byId("invite").disabled = !phone;
  if (phone) {
    covered.update(phone);
    if (rawOn.checked) raw.update(phone);
  }
}

const look = poll(
  1500,
  async () => {
    ({ phones } = await get("/api/phones"));
    if (!phones.some((phone) => phone.serial === chosen)) choose(phones[0]?.serial ?? null);
    draw();
  },
  failed,
);

rawOn.checked = matchMedia("(min-width: 720px)").matches;
rawOn.addEventListener("change", () => choose(chosen));

byId("pause").addEventListener("click", async () => {
  const paused = phones.find((phone) => phone.serial === chosen)?.state === "paused";
  await post(
    `${phonePath(chosen)}/${paused ? "resume" : "pause"}`,
    paused ? undefined : { reason: "a researcher paused" },
  ).catch(failed);
  look();
});

byId("invite").addEventListener("click", async () => {
  try {
    const { url } = await post("/api/login-links", { role: "participant", phone: chosen });
    byId("invitation-url").value = url;
    say(byId("invitation-phone"), phones.find((phone) => phone.serial === chosen).name);
    byId("invitation").showModal();
    byId("invitation-url").select();
  } catch (fault) {
    failed(fault);
  }
});

choose(null);
showInterventions(failed);
showTimings(failed);
showJournal(failed);
