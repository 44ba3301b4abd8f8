/**
 * `kill.on`, `kill.off`, `kill.status`. On is a brake: one voice is enough, whatever else is broken. Off is an approver's.
 */

import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { coversTask, type Kill, type KillScope, killWords, scopeWords } from "../../firmware/waves/kill.ts";
import { isAtRisk, isFinal } from "../../firmware/waves/task-state.ts";
import { type Clock, isoOf } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { VerbOutcome } from "../commands/answer.ts";
import type { Subject } from "../commands/authorise.ts";
import { actorOf } from "../commands/check.ts";
import type { Verbs } from "../commands/handle.ts";
import type { KillSwitch } from "./kill-switch.ts";
import { liveCampaigns, tryLoad } from "./under-way.ts";

export interface KillVerbsIo {
  readonly store: Pick<Store, "campaigns" | "tasks" | "audit" | "devices">;
  readonly kills: Pick<KillSwitch, "list" | "on" | "off">;
  readonly clock: Pick<Clock, "nowMs">;
  /** Inside the transaction of the row. */
  onTurned(on: boolean, kill: Kill): void;
  /** The drive looks at once: what waited may go on, and what is under way is offered again. */
  offerAgain(): Promise<void>;
  wake(): void;
}

/** Whom a scope concerns now. */
interface Concerned {
  /** Tasks that nobody has touched: they wait. */
  readonly held: number;
  /** Devices that are under way: watched to their end. */
  readonly watched: number;
  readonly campaigns: readonly string[];
}

export function killVerbs(io: KillVerbsIo): Pick<Verbs, "kill.on" | "kill.off" | "kill.status"> {
  return {
    "kill.on": ({ scope, reason }, subject) => turnOn(scope, reason, subject, io),
    "kill.off": ({ scope, reason }, subject) => turnOff(scope, reason, subject, io),
    "kill.status": async () => ({ ok: true, result: statusOf(io) }),
  };
}

async function turnOn(scope: KillScope, reason: string, subject: Subject, io: KillVerbsIo): Promise<VerbOutcome> {
  const kill = { scope, by: subject.person, keyId: subject.kid, reason, sinceMs: io.clock.nowMs() };
  const { isNew, isKept, row, unheard } = await io.kills.on(kill, () => note(true, kill, subject, io));
  io.wake();
  const concerned = concernedBy(scope, io.store);
  const said = isNew ? `the kill switch is on for ${scopeWords(scope)}` : `already ${killWords(row, io.clock.nowMs())}`;
  const words = [said, ...(isKept ? [] : ["the disk does not take it: it holds until the agent ends"]), ...concernedWords(concerned)];
  if (unheard.length > 0) {
    const what = unheard.join(" and ");
    return { ok: false, code: "faulted", message: `${words.join("; ")}; whether ${what} have stopped is not known yet: give it again` };
  }
  return { ok: true, message: words.join("; "), result: { ...viewKill(row, io), isNew, isKept } };
}

async function turnOff(scope: KillScope, reason: string, subject: Subject, io: KillVerbsIo): Promise<VerbOutcome> {
  const kill = { scope, by: subject.person, reason, sinceMs: io.clock.nowMs() };
  const wasOn = await io.kills.off(scope, () => note(false, kill, subject, io));
  const others = io.kills.list().map((row) => killWords(row, io.clock.nowMs()));
  const left = others.length === 0 ? [] : [`still ${others.join("; ")}`];
  if (!wasOn) return { ok: true, message: [`it is not on for ${scopeWords(scope)}`, ...left].join("; "), result: statusOf(io) };
  await io.offerAgain();
  io.wake();
  return { ok: true, message: [`the kill switch is off for ${scopeWords(scope)}`, ...left].join("; "), result: statusOf(io) };
}

function note(on: boolean, kill: Kill, subject: Subject, io: KillVerbsIo): void {
  const { scope, reason } = kill;
  const detail = { scope: scopeWords(scope), reason };
  io.store.audit.append({
    atMs: io.clock.nowMs(),
    actor: actorOf(subject),
    action: on ? "kill.isOn" : "kill.isOff",
    subject: scope.kind,
    detail,
  });
  io.onTurned(on, kill);
}

function statusOf(io: KillVerbsIo) {
  return { schema: "groundswell.kills/1" as const, kills: io.kills.list().map((row) => viewKill(row, io)) };
}

function viewKill(row: Kill, io: KillVerbsIo) {
  const { scope, by, reason, sinceMs } = row;
  return { scope, by, reason, since: isoOf(sinceMs), ...concernedBy(scope, io.store) };
}

function concernedBy(scope: KillScope, store: KillVerbsIo["store"]): Concerned {
  const { campaigns, tasks } = store;
  const ids: string[] = [];
  let held = 0;
  let watched = 0;
  for (const { id, state } of liveCampaigns(store)) {
    // Whoever stops everything does not wait until the plans of years are read.
    if (isFinalCampaign(state) && !tasks.hasTouched(id)) continue;
    const stored = tryLoad(id, campaigns);
    if (stored === undefined || typeof stored === "string") continue;
    const inScope = new Set(stored.plan.tasks.filter((task) => coversTask(scope, task)).map((task) => task.id));
    const open = tasks.ofCampaign(id).filter((task) => inScope.has(task.id) && !isFinal(task.state));
    const away = open.filter((task) => isAtRisk(task.state)).length;
    watched += away;
    if (isFinalCampaign(state)) continue;
    held += open.length - away;
    if (open.length > 0) ids.push(id);
  }
  return { held, watched, campaigns: ids };
}

function concernedWords({ held, watched, campaigns }: Concerned): readonly string[] {
  if (held + watched === 0) return ["no campaign is concerned now"];
  const under = watched === 0 ? [] : [`${watched} under way ${watched === 1 ? "is" : "are"} watched to the end`];
  return [`${held} waiting in ${campaigns.length === 1 ? "one campaign" : `${campaigns.length} campaigns`}`, ...under];
}

/** For whom nothing of a campaign could start. */
export function stopsAll(
  kills: readonly Kill[],
  tasks: readonly { readonly legs: Parameters<typeof coversTask>[1]["legs"]; readonly model: string }[],
): Kill | undefined {
  return kills.find(({ scope }) => tasks.every((task) => coversTask(scope, task)));
}
