/** Keys name content: 32 hex digits of a SHA-256. Hashing a usual text costs 2 us, less than it would to look one up. */

import type { Name } from "../views";

const MOST_HASHED = 1_000_000;
const DIGITS = 32;
const BETWEEN = [0];

/** `text` without what UTF-8 cannot hold (lone surrogates) or keys may not (NUL, which ends a field). */
export function clean(text: string): string {
    return text.toWellFormed().replaceAll("\0", "\ufffd");
}

/** Of a text: its role, the view's class and id name, and the text, a NUL between two. Past a million units, the length. */
export function textKey(role: string, name: Name, text: string): string {
    const sum = new Checksum("sha256");
    sum.update(role).update(BETWEEN).update(name.class_name).update(BETWEEN).update(name.view_id).update(BETWEEN);
    if (text.length > MOST_HASHED) {
        sum.update(clean(text.slice(0, MOST_HASHED))).update(BETWEEN).update(String(text.length));
    } else {
        sum.update(clean(text));
    }
    return sum.getString().slice(0, DIGITS);
}

/** Of a picture: its size, and the pixels of a small copy of it. */
export function pictureKey(width: number, height: number, pixels: ArrayBuffer): string {
    return new Checksum("sha256").update(`${width}x${height}`).update(BETWEEN).update(pixels).getString().slice(0, DIGITS);
}
