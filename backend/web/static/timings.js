/** The stage timings: a plot drawn by the server, and the same in numbers. */

import { get } from "./api.js";
import { byId, h } from "./dom.js";
import { poll } from "./poll.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

export function showTimings(failed) {
  const turn = poll(
    2000,
    async () => {
      const [{ stages }] = await Promise.all([get("/api/timings"), drawPlot()]);
      byId("stages").replaceChildren(
        ...stages.map((stage, index) =>
          h(
            "li",
            {},
            h("span", { class: `swatch swatch-${index % 8}`, "aria-hidden": "true" }),
            h("b", {}, stage.stage),
            h("span", {}, milliseconds(stage.p50_s)),
            h("span", {}, milliseconds(stage.p95_s)),
          ),
        ),
      );
    },
    failed,
  );
  dark.addEventListener("change", turn);
}

/** Load the new plot beside the old one and swap: no flicker. */
async function drawPlot() {
  const next = new Image();
  next.src = `/timings.svg?theme=${dark.matches ? "dark" : "light"}&at=${Date.now()}`;
  await next.decode().catch(() => {});
  if (next.naturalWidth) byId("plot").src = next.src;
}

function milliseconds(seconds) {
  const ms = seconds * 1000;
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}
