/** The JSON API. Every failure is an ApiFault with the server's two lines: what happened, what to do. */

const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";

export class ApiFault extends Error {
  constructor(status, error, remedy) {
    super(remedy ? `${error} — ${remedy}` : error);
    Object.assign(this, { status, error, remedy });
  }
}

export async function call(method, path, body) {
  return send(method, path, body === undefined ? undefined : JSON.stringify(body));
}

/** `body` is JSON already: a text, or a file as it is. */
export async function send(method, path, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = token;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body });
  } catch {
    throw new ApiFault(0, "the backend does not answer", "is it still running?");
  }
  if (response.status === 401) location.reload();
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new ApiFault(response.status, answer.error ?? response.statusText, answer.remedy ?? "");
  return answer;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const phonePath = (serial) => `/api/phones/${encodeURIComponent(serial)}`;
