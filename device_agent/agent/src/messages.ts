/**
 * What agent and backend say to one another: the half of `backend/phones/agent/messages.py` that lives in the app. What
 * each message means is said there. Types follow from the checks, so the two cannot drift apart here.
 */

import {
    boolean, type Check, type Infer, integer, list, number, object, oneOf, optional, orNull, string, tuple,
} from "./schema";

export const VERSION = 1;
export const MAX_TEXT = 20_000;
export const GREY = 0xff8a8d91;

const key = string(/^[0-9a-f]{32}$/);
const view = integer(1);
const rect = tuple(integer(), integer(), integer(), integer());
const text = optional(string(), "");
const flag = (otherwise: boolean): Check<boolean> => optional(boolean, otherwise);
const v = optional(oneOf(VERSION), VERSION);

// -- from the agent

const hook = object({ target: string(), state: oneOf("on", "missing"), why: text });

const textContent = object({
    key,
    view,
    role: oneOf("text", "hint", "description"),
    text: string(undefined, MAX_TEXT),
    length: integer(0),
    class_name: string(),
    view_id: text,
});

const node = object({
    view,
    parent: integer(0),
    order: integer(0),
    class_name: string(),
    box: rect,
    view_id: text,
    text,
    description: text,
    clickable: flag(false),
    scrollable: flag(false),
    enabled: flag(true),
    focused: flag(false),
    checked: flag(false),
    selected: flag(false),
    password: flag(false),
    hidden: flag(false),
    key: text,
});

const FROM_AGENT = {
    hello: object({
        v,
        type: oneOf("hello"),
        agent: string(),
        package: string(),
        pid: integer(),
        runtime: oneOf("art", "jvm"),
        sdk: optional(orNull(integer()), null),
        hooks: optional(list(hook), []),
    }),
    texts: object({ v, type: oneOf("texts"), items: list(textContent) }),
    image: object({
        v,
        type: oneOf("image"),
        key,
        view,
        width: integer(1),
        height: integer(1),
        full: flag(false),
        class_name: string(),
        view_id: text,
    }),
    tree: object({
        v,
        type: oneOf("tree"),
        seq: integer(0),
        uptime_ms: number(),
        full: boolean,
        activity: text,
        changed: optional(list(node), []),
        moved: optional(list(tuple(integer(), integer(), integer(), integer(), integer())), []),
        shifted: optional(list(tuple(integer(), integer(), integer())), []),
        gone: optional(list(integer()), []),
    }),
    lifecycle: object({
        v,
        type: oneOf("lifecycle"),
        activity: string(),
        state: oneOf("created", "resumed", "paused", "destroyed"),
        uptime_ms: number(),
    }),
    scrolled: object({ v, type: oneOf("scrolled"), view, dx: integer(), dy: integer(), uptime_ms: number() }),
    touched: object({
        v,
        type: oneOf("touched"),
        action: oneOf("down", "move", "up", "cancel"),
        x: integer(),
        y: integer(),
        uptime_ms: number(),
    }),
    answered: object({ v, type: oneOf("answered"), key: string(), choice: string(), after_s: number() }),
    applied: object({
        v,
        type: oneOf("applied"),
        seq: integer(),
        uptime_ms: number(),
        skipped: optional(list(integer()), []),
    }),
    problem: object({ v, type: oneOf("problem"), where: string(), message: string() }),
    pong: object({
        v,
        type: oneOf("pong"),
        seq: integer(),
        uptime_ms: number(),
        views: optional(integer(), 0),
        verdicts: optional(integer(), 0),
        pending: optional(integer(), 0),
    }),
    bye: object({ v, type: oneOf("bye"), restored: optional(integer(), 0) }),
};

// -- from the backend

const waiting = object({
    hold: flag(false),
    deadline_ms: optional(integer(0, 60_000), 1500),
    afterwards: optional(oneOf("show", "hide"), "show"),
});
const NO_WAITING: Infer<typeof waiting> = { hold: false, deadline_ms: 1500, afterwards: "show" };

const effect = object({
    kind: oneOf("show", "replace", "cover", "blur", "placeholder", "hide", "remove", "block"),
    text,
    colour: optional(integer(), GREY),
});

const overlayBox = object({ box: rect, colour: optional(integer(), GREY), text, block: flag(false) });

const TO_AGENT = {
    configure: object({
        v,
        type: oneOf("configure"),
        texts: flag(false),
        images: flag(false),
        tree: flag(false),
        touches: flag(false),
        text_waiting: optional(waiting, NO_WAITING),
        image_waiting: optional(waiting, NO_WAITING),
        thumb_px: optional(integer(16, 4096), 320),
    }),
    verdicts: object({
        v,
        type: oneOf("verdicts"),
        seq: integer(),
        items: optional(list(object({ key, effect })), []),
        forget: flag(false),
    }),
    effects: object({
        v,
        type: oneOf("effects"),
        seq: integer(),
        views: optional(list(object({ view, effect, key: text })), []),
        dim: optional(number(0, 1), 0),
        grey: optional(number(0, 1), 0),
        block: flag(false),
    }),
    interstitial: object({
        v,
        type: oneOf("interstitial"),
        key: string(),
        open: flag(true),
        message: text,
        seconds: optional(number(0), 0),
        choices: optional(list(tuple(string(), string())), []),
        at_once: optional(list(string()), []),
    }),
    toast: object({ v, type: oneOf("toast"), message: string() }),
    overlay: object({ v, type: oneOf("overlay"), seq: integer(), boxes: optional(list(overlayBox), []) }),
    fetch_image: object({ v, type: oneOf("fetch_image"), key }),
    fetch_tree: object({ v, type: oneOf("fetch_tree") }),
    ping: object({ v, type: oneOf("ping"), seq: integer() }),
    leave: object({ v, type: oneOf("leave") }),
};

type Messages<T> = { [N in keyof T]: Infer<T[N]> };
type FromAgentByType = Messages<typeof FROM_AGENT>;
type ToAgentByType = Messages<typeof TO_AGENT>;

export type FromAgent = FromAgentByType[keyof FromAgentByType];
export type ToAgentType = keyof ToAgentByType;
export type ToAgentOf<T extends ToAgentType> = ToAgentByType[T];
export type ToAgent = ToAgentByType[ToAgentType];

/** A message as the agent writes it: `v` is added on the way, and what has a default may be left out. */
type Required = { [N in keyof FromAgentByType]: Omit<FromAgentByType[N], "v"> };
type Defaulted = "why" | "view_id" | "full" | "activity" | "changed" | "moved" | "shifted" | "gone" | "skipped"
    | "hooks" | "sdk" | "views" | "verdicts" | "pending" | "restored";
/** A node as the agent writes it: only what is not as usual. */
export type SentNode = Pick<Node, "view" | "parent" | "order" | "class_name" | "box"> & Partial<Node>;
type TreeUpdate = Omit<Required["tree"], "changed"> & { changed?: SentNode[] };
type Loosely<T> = T extends unknown ? Omit<T, Defaulted> & Partial<Pick<T, Defaulted & keyof T>> : never;
export type Outgoing = Loosely<Exclude<Required[keyof Required], Required["tree"]> | TreeUpdate> & { type: keyof FromAgentByType };

export type Hook = Infer<typeof hook>;
export type TextContent = Infer<typeof textContent>;
export type Node = Infer<typeof node>;
export type Effect = Infer<typeof effect>;
export type Waiting = Infer<typeof waiting>;
export type OverlayBox = Infer<typeof overlayBox>;
export type Configure = ToAgentOf<"configure">;
export type Verdicts = ToAgentOf<"verdicts">;
export type Effects = ToAgentOf<"effects">;

/** The message that the backend sent; throws an Error that names what is wrong with it. */
export function readToAgent(payload: unknown): ToAgent {
    return read(TO_AGENT, payload) as ToAgent;
}

/** The same for messages of agents: for tests, which hold the two halves of the protocol against each other. */
export function readFromAgent(payload: unknown): FromAgent {
    return read(FROM_AGENT, payload) as FromAgent;
}

function read(checks: Record<string, Check<unknown>>, payload: unknown): unknown {
    const { v: version, type } = (payload ?? {}) as { v?: unknown; type?: unknown };
    if (version !== VERSION) {
        throw new Error(`a message of protocol version ${JSON.stringify(version)}; this agent speaks ${VERSION}`);
    }
    const check = typeof type === "string" && Object.hasOwn(checks, type) ? checks[type] : undefined;
    if (check === undefined) {
        throw new Error(`a message of unknown type ${JSON.stringify(type)}`);
    }
    return check(payload, "");
}

export const UNCONFIGURED: Configure = readToAgent({ v: VERSION, type: "configure" }) as Configure;
