/** Do `work` now and every `everyMs` while the page is seen. Never two at once; a failure goes to `failed`. Returns "do it now". */
export function poll(everyMs, work, failed) {
  let timer = 0;
  let running = false;
  async function turn() {
    clearTimeout(timer);
    if (running) return;
    running = true;
    try {
      if (!document.hidden) await work();
    } catch (fault) {
      failed(fault);
    } finally {
      running = false;
      timer = setTimeout(turn, everyMs);
    }
  }
  document.addEventListener("visibilitychange", () => document.hidden || turn());
  turn();
  return turn;
}
