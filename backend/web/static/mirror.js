/** Draws the newest picture of a phone into a canvas. Asks for the next only when the last is drawn: a slow browser skips pictures. */

const RETRY_MS = [500, 1000, 2000, 5000];

export class Mirror {
  /** `heard` gets {over, state} with every answer, and {fault} when there is none. */
  constructor(canvas, heard) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.heard = heard;
    this.size = [0, 0];
    this.asking = null;
    this.wake = () => {};
    this.held = null;
    this.letGo = () => {};
    document.addEventListener("visibilitychange", () => this.wake());
  }

  /** Show `url` (…/frame); null shows nothing. */
  show(url) {
    this.asking?.abort();
    this.asking = null;
    this.size = [0, 0];
    if (url === null) return;
    this.asking = new AbortController();
    this.#follow(url, this.asking.signal);
  }

  /** While held, the picture stands still. */
  hold(held) {
    this.letGo();
    this.held = held ? new Promise((done) => (this.letGo = done)) : null;
  }

  async #follow(url, signal) {
    let after = -1;
    let failures = 0;
    while (!signal.aborted) {
      if (document.hidden) await new Promise((done) => (this.wake = done));
      try {
        const answer = await fetch(`${url}?after=${after}`, { signal });
        if (answer.status === 401) location.reload();
        if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
        await this.held;
        if (answer.status === 200) after = await this.#draw(answer, signal);
        this.heard({ state: answer.headers.get("X-Phone-State"), over: this.#over(answer) });
        if (answer.status === 204) await pause(150, signal);
        failures = 0;
      } catch (fault) {
        if (signal.aborted) return;
        this.heard({ fault: fault.message });
        await pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)], signal);
      }
    }
  }

  async #draw(answer, signal) {
    const picture = await createImageBitmap(await answer.blob());
    if (!signal.aborted) {
      if (this.canvas.width !== picture.width || this.canvas.height !== picture.height) {
        Object.assign(this.canvas, { width: picture.width, height: picture.height });
      }
      this.context.drawImage(picture, 0, 0);
      this.size = answer.headers.get("X-Frame-Size").split("x").map(Number);
      this.canvas.dataset.frame = answer.headers.get("X-Frame-Number");
    }
    picture.close();
    return Number(answer.headers.get("X-Frame-Number"));
  }

  #over(answer) {
    const over = answer.headers.get("X-Frame-Over");
    return over === null ? undefined : JSON.parse(over);
  }
}

function pause(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}
