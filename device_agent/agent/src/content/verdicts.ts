/**
 * What is decided about content, and what waits to be. Keys only: which views hold a content is `slots.ts`' business.
 *
 * A content nobody has judged is asked for once. It waits until its verdict or its deadline; then the policy of the
 * time it was asked says what is shown.
 */

import type { Effect, Waiting } from "../messages";
import { GREY } from "../messages";

const MOST_VERDICTS = 20_000;
const MOST_WAITING = 20_000;
/** A question whose answer has not come for so long was lost, and is asked again when the content comes again. */
const ASK_AGAIN_MS = 10_000;
const COARSEST_MS = 10;

export const SHOW: Effect = { kind: "show", text: "", colour: GREY };
export const PLACEHOLDER: Effect = { kind: "placeholder", text: "", colour: GREY };

export type Kind = "text" | "image";

interface Question {
    readonly kind: Kind;
    readonly askedAt: number;
    readonly waiting: Waiting;
    /** Views that were given the content since it was asked for. */
    readonly views: Set<number>;
    expired: boolean;
}

export class Verdicts {
    private readonly known = new Map<string, Effect>();
    private readonly questions = new Map<string, Question>();
    private timer: ReturnType<typeof setTimeout> | null = null;
    private timerDue = Infinity;

    /** `expired` is told the keys whose deadline passed, on Frida's thread. */
    constructor(private readonly expired: (keys: string[]) => void) {}

    get size(): number {
        return this.known.size;
    }

    get waiting(): number {
        return this.questions.size;
    }

    /** The verdict on a content, which counts as used now; undefined where there is none. */
    decided(key: string): Effect | undefined {
        const effect = this.known.get(key);
        if (effect !== undefined && this.known.size > MOST_VERDICTS / 2) {
            this.known.delete(key);
            this.known.set(key, effect);
        }
        return effect;
    }

    /** What to show of a content that `view` was given and nobody has judged; `ask` is called where it is to be asked for. */
    undecided(key: string, kind: Kind, view: number, waiting: Waiting, ask: () => void): Effect {
        let question = this.questions.get(key);
        if (question === undefined || Date.now() - question.askedAt > ASK_AGAIN_MS) {
            const expired = question?.expired ?? false;
            const views = question?.views ?? new Set<number>();
            question = { kind, askedAt: Date.now(), waiting, views, expired };
            this.questions.delete(key);
            this.questions.set(key, question);
            bound(this.questions, MOST_WAITING);
            ask();
            if (waiting.hold && !expired) {
                this.wakeIn(waiting.deadline_ms);
            }
        }
        question.views.add(view);
        return meanwhile(question);
    }

    /** What to show of a content that waits, as things are now. */
    now(key: string): Effect {
        const question = this.questions.get(key);
        return this.known.get(key) ?? (question === undefined ? SHOW : meanwhile(question));
    }

    /** Keep a verdict; the views that were given its content while it was asked for. */
    decide(key: string, effect: Effect): ReadonlySet<number> {
        const asked = this.questions.get(key)?.views ?? new Set<number>();
        this.questions.delete(key);
        this.known.delete(key);
        this.known.set(key, effect);
        bound(this.known, MOST_VERDICTS);
        return asked;
    }

    forget(): void {
        this.known.clear();
        this.questions.clear();
    }

    /** Contents of a kind are held no longer: the keys of those that were. */
    release(kind: Kind): string[] {
        const keys: string[] = [];
        for (const [key, question] of this.questions) {
            if (question.kind === kind && question.waiting.hold) {
                this.questions.set(key, { ...question, waiting: { ...question.waiting, hold: false } });
                keys.push(key);
            }
        }
        return keys;
    }

    private wakeIn(ms: number): void {
        const due = Date.now() + Math.max(COARSEST_MS, ms);
        if (due < this.timerDue) {
            if (this.timer !== null) {
                clearTimeout(this.timer);
            }
            this.timerDue = due;
            this.timer = setTimeout(() => this.expire(), due - Date.now());
        }
    }

    private expire(): void {
        this.timerDue = Infinity;
        const now = Date.now();
        const due: string[] = [];
        let next = Infinity;
        for (const [key, question] of this.questions) {
            if (question.expired || !question.waiting.hold) {
                continue;
            }
            const left = question.askedAt + question.waiting.deadline_ms - now;
            if (left <= 0) {
                question.expired = true;
                due.push(key);
            } else {
                next = Math.min(next, left);
            }
        }
        if (next < Infinity) {
            this.wakeIn(next);
        }
        if (due.length > 0) {
            this.expired(due);
        }
    }
}

function meanwhile({ waiting, expired }: Question): Effect {
    if (!waiting.hold) {
        return SHOW;
    }
    return expired && waiting.afterwards === "show" ? SHOW : PLACEHOLDER;
}

/** Drop the entries that were used or added longest ago. */
function bound<T>(entries: Map<string, T>, most: number): void {
    for (const key of entries.keys()) {
        if (entries.size <= most) {
            return;
        }
        entries.delete(key);
    }
}
