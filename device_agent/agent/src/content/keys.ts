/** Keys name content: 32 hex digits of a SHA-256. Hashing a usual text costs 2 us, less than it would to look one up. */

import type { Name } from "../views";

const MOST_HASHED = 1_000_000;
const DIGITS = 32;

/** `text` without what UTF-8 cannot hold (lone surrogates), and without NUL, at which Frida's strings end. */
export function clean(text: string): string {
    const formed = text.isWellFormed() ? text : text.toWellFormed();
    return formed.includes("\0") ? formed.replaceAll("\0", "\ufffd") : formed;
}

/**
 * Of a text: its role, the view's class and id name, and the text, a line feed between two; past a million units, the
 * beginning and the length. In one call: a checksum that is fed piece by piece costs a hundred times as much.
 */
export function textKey(role: string, name: Name, text: string): string {
    const hashed = text.length > MOST_HASHED ? `${text.length}\n${text.slice(0, MOST_HASHED)}` : text;
    return digest(clean(`${role}\n${name.class_name}\n${name.view_id}\n${hashed}`));
}

/** Of a picture: its size, and the pixels of a small copy of it. */
export function pictureKey(width: number, height: number, pixels: ArrayBuffer): string {
    return digest(`${width}x${height} ${Checksum.compute("sha256", pixels)}`);
}

function digest(text: string): string {
    return Checksum.compute("sha256", text).slice(0, DIGITS);
}
