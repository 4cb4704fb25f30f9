/** Activities that come and go, and the fingers on them. */

import type { Agent } from "../agent";
import type { Original } from "../hooks";
import { TARGETS } from "../targets";

type State = "created" | "resumed" | "paused" | "destroyed";

const LIFECYCLE: [string, State][] = [
    [TARGETS.activityOnCreate, "created"],
    [TARGETS.activityOnResume, "resumed"],
    [TARGETS.activityOnPause, "paused"],
    [TARGETS.activityOnDestroy, "destroyed"],
];
/** By ``MotionEvent.getActionMasked``; other fingers than the first are not told. */
const ACTIONS = ["down", "up", "move", "cancel"] as const;

/** Tell of every change of an activity; `then` is called after each. */
export function watchLifecycle(agent: Agent, then: () => void): void {
    for (const [target, state] of LIFECYCLE) {
        agent.hooks.hook(target, (original, _self, args) => {
            const result = original(...args);
            const activity = (args[0] as JavaObject).$className;
            agent.send({ type: "lifecycle", activity, state, uptime_ms: agent.uptime() });
            then();
            return result;
        });
    }
}

/** Tell of touches on activities and dialogs while the backend wants to know. */
export function watchTouches(agent: Agent): void {
    const tell = (original: Original, _self: JavaObject, args: JavaValue[]): JavaValue => {
        const event = args[0] as JavaObject;
        const action = agent.config.touches ? ACTIONS[event.getActionMasked() as number] : undefined;
        if (action !== undefined) {
            const [x, y] = [Math.round(event.getRawX() as number), Math.round(event.getRawY() as number)];
            agent.send({ type: "touched", action, x, y, uptime_ms: agent.uptime() });
        }
        return original(...args);
    };
    agent.hooks.hook(TARGETS.activityTouch, tell);
    agent.hooks.hook(TARGETS.dialogTouch, tell);
}
