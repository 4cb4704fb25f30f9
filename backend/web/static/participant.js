import { get, phonePath, post } from "./api.js";
import { byId, say } from "./dom.js";
import { poll } from "./poll.js";
import { Screen } from "./screen.js";

const STATES = {
  live: "On",
  connecting: "Connecting",
  lost: "Phone lost",
  paused: "Paused",
  unauthorised: "Not authorised",
  failed: "Out of order",
};

const room = byId("phone");
const serial = room.dataset.serial;
const state = byId("state");
const pause = byId("pause");
const said = (text) => say(state, text);
const screen = new Screen(room, {
  source: "mirror",
  label: "Your phone's screen",
  touchable: true,
  takesFocus: true,
  said,
});
let paused = false;

const look = poll(
  2000,
  async () => {
    const phone = await get(phonePath(serial));
    paused = phone.state === "paused";
    said(STATES[phone.state] ?? phone.state);
    state.dataset.state = phone.state;
    say(pause, paused ? "Go on" : "Pause");
    screen.update(phone);
  },
  (fault) => said(fault.message),
);

pause.addEventListener("click", async () => {
  pause.disabled = true;
  try {
    await post(
      `${phonePath(serial)}/${paused ? "resume" : "pause"}`,
      paused ? undefined : { reason: "the participant paused" },
    );
  } catch (fault) {
    said(fault.message);
  }
  pause.disabled = false;
  look();
});

screen.watch(serial);
