/** I18 to I21: what silence, late messages, repetitions and deaths may not do. */
import type { Invariant } from "./invariant.ts";

const I18: Invariant = {
  id: "I18",
  says: "one silent device delays nobody outside its domains: a turn never waits for a device",
  watch: () => (step) => (step.kind === "turned" && step.waited ? "a turn waited" : undefined),
};

const I19: Invariant = {
  id: "I19",
  says: "messages of an older attempt change nothing",
  watch: () => (step) =>
    step.kind === "sign" && step.wasOver && step.before !== step.after
      ? `"${step.what}" of an attempt that is over changed something`
      : undefined,
};

const I20: Invariant = {
  id: "I20",
  says: "any message 1..n times gives the same",
  watch: () => (step) => {
    if (step.kind === "sign" && step.repeated && step.before !== step.after) return `"${step.what}" given again changed something`;
    if (step.kind !== "order" || step.repeated !== true || step.answer === undefined) return undefined;
    return step.before === step.after ? undefined : `${step.verb} delivered again changed something`;
  },
};

const I21: Invariant = {
  id: "I21",
  says: "whatever dies when, no attempt is commanded twice",
  watch() {
    const commands = new Map<string, number>();
    return (step) => {
      if (step.kind !== "command") return undefined;
      const commanded = step.sentFor;
      if (commanded === undefined) return `${step.device} was commanded, and no row says so`;
      const count = (commands.get(commanded.token) ?? 0) + 1;
      commands.set(commanded.token, count);
      return count > 1 ? `${step.device} was commanded ${count} times in one attempt` : undefined;
    };
  },
};

export const messages: readonly Invariant[] = [I18, I19, I20, I21];
