/** Passes touch, drag, wheel and typing on a canvas to the phone, in the phone's own pixels. */

import { phonePath, post } from "./api.js";

const KEYS = {
  Enter: "enter",
  Backspace: "delete",
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Escape: "back",
  Home: "home",
};
const WHEEL_MS = 90;
const TYPING_MS = 60;

/** Sends one thing after the other: requests that overtake each other would turn a drag into noise. */
class Line {
  constructor(failed) {
    this.failed = failed;
    this.last = Promise.resolve();
  }

  send(work) {
    this.last = this.last.then(work).catch(this.failed);
    return this.last;
  }
}

export function passInput(canvas, mirror, serial, { failed, refused }) {
  const line = new Line(failed);
  const said = (answer) => answer.accepted || refused();
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const [width, height] = mirror.size;
    const within = (share, size) => Math.max(0, Math.min(size - 1, Math.round(share * size)));
    return [
      within((event.clientX - box.left) / box.width, width),
      within((event.clientY - box.top) / box.height, height),
    ];
  };
  const path = () => phonePath(serial());
  passTouches(canvas, mirror, line, at, path, said);
  passWheel(canvas, mirror, line, at, path, said);
  passTyping(canvas, line, path);
  return line;
}

function passTouches(canvas, mirror, line, at, path, said) {
  let pointer = null;
  let waiting = [];
  let queued = false;
  const push = (action, event) => {
    const [x, y] = at(event);
    // A move that was not sent yet is worth nothing beside a newer one.
    if (action === "move" && waiting.at(-1)?.action === "move") waiting.pop();
    waiting.push({ action, x, y });
    if (queued) return;
    queued = true;
    line.send(async () => {
      const events = waiting;
      [waiting, queued] = [[], false];
      said(await post(`${path()}/touch`, { events }));
    });
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0 || !mirror.size[0]) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    canvas.focus({ preventScroll: true });
    push("down", event);
  });
  canvas.addEventListener("pointermove", (event) => event.pointerId === pointer && push("move", event));
  for (const [kind, action] of [
    ["pointerup", "up"],
    ["pointercancel", "cancel"],
  ]) {
    canvas.addEventListener(kind, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      push(action, event);
    });
  }
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
}

function passWheel(canvas, mirror, line, at, path, said) {
  let travelled = [0, 0];
  let timer = 0;
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!mirror.size[0] || event.ctrlKey) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
      const scale = mirror.size[0] / canvas.clientWidth;
      travelled = [travelled[0] + event.deltaX * unit * scale, travelled[1] + event.deltaY * unit * scale];
      const start = at(event);
      timer ||= setTimeout(() => {
        const most = mirror.size[1] * 0.6;
        const [dx, dy] = travelled.map((pixels) => Math.max(-most, Math.min(most, pixels)));
        [travelled, timer] = [[0, 0], 0];
        const end = [Math.round(start[0] - dx), Math.round(start[1] - dy)];
        line.send(async () => said(await post(`${path()}/swipe`, { start, end, duration_s: 0.12 })));
      }, WHEEL_MS);
    },
    { passive: false },
  );
}

function passTyping(canvas, line, path) {
  let typed = "";
  let timer = 0;
  const flush = () => {
    const text = typed;
    [typed, timer] = ["", clearTimeout(timer)];
    if (text) line.send(() => post(`${path()}/text`, { text }));
  };
  canvas.addEventListener("keydown", (event) => {
    // Tab stays the browser's: nobody may be trapped in the phone.
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key.length === 1) {
      typed += event.key;
      timer ||= setTimeout(flush, TYPING_MS);
    } else if (KEYS[event.key]) {
      flush();
      line.send(() => post(`${path()}/key`, { key: KEYS[event.key] }));
    } else return;
    event.preventDefault();
  });
}
