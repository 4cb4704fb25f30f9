/** A few words to the participant, the way the system shows them. */

import type { Agent } from "../agent";
import { javaText } from "./page";

const LENGTH_LONG = 1;

export function showToasts(agent: Agent): void {
    agent.on("toast", ({ message }) => agent.hooks.quiet(() => {
        const application = Java.use("android.app.ActivityThread").currentApplication() as JavaObject;
        Java.use("android.widget.Toast").makeText(application, javaText(message), LENGTH_LONG).show();
    }));
}
