/**
 * May a device take one step? What the release states, less what the catalogue knows to be impossible or refused. Pure.
 */
import { endedBefore, type HardwareLine, type LastLine, lineOf } from "./catalogue/hardware.ts";
import { doubtsOf, type Stone, stoneBefore } from "./catalogue/stones.ts";
import { chooseEdge, type EdgeChoice, type EdgeQuestion } from "./edges.ts";
import type { Release } from "./release.ts";

export type StepChoice =
  | EdgeChoice
  | { readonly ok: false; readonly why: "updatedByAnother"; readonly line: HardwareLine; readonly by: string }
  | { readonly ok: false; readonly why: "hardwareEnds"; readonly line: HardwareLine; readonly last: LastLine }
  | { readonly ok: false; readonly why: "steppingStone"; readonly stone: Stone };

/** Where these hold no catalogue is asked: there is no step at all. */
const FINAL = {
  unknownVersion: true,
  incomparable: true,
  current: true,
  newer: true,
  hardwareRevision: true,
  noEdge: false,
  updaterTooOld: false,
} as const;

/** The step, or the strongest reason why there is none: what no release can fix comes before what another one can. */
export function chooseStep(release: Release, device: EdgeQuestion): StepChoice {
  const line = lineOf(device.model);
  if (line?.updatedBy !== undefined) return { ok: false, why: "updatedByAnother", line, by: line.updatedBy };
  const updater = release.kind === "updater";
  const ended = updater ? undefined : endedBefore(device.model, release.version);
  if (ended !== undefined) return { ok: false, why: "hardwareEnds", ...ended };
  const choice = chooseEdge(release, device);
  if (!choice.ok && FINAL[choice.why]) return choice;
  const stone = stoneBefore({ version: release.version, updater }, device);
  return stone === undefined ? choice : { ok: false, why: "steppingStone", stone };
}

export type ChooseStep = typeof chooseStep;

/** `chooseStep` for many devices: those that run the same are judged once. */
export function stepsOver(): ChooseStep {
  const known = new Map<Release, Map<string, StepChoice>>();
  return (release, device) => {
    const ofRelease = known.get(release) ?? new Map<string, StepChoice>();
    known.set(release, ofRelease);
    const key = JSON.stringify([device.model, device.running ?? "", device.updater ?? "", device.revision ?? ""]);
    const choice = ofRelease.get(key) ?? chooseStep(release, device);
    ofRelease.set(key, choice);
    return choice;
  };
}

/** What a person should know of a step that may be taken. */
export function warningsOf(release: Release, device: EdgeQuestion): readonly string[] {
  const to = { version: release.version, updater: release.kind === "updater" };
  const back = to.updater ? undefined : lineOf(device.model)?.back;
  const going = back === undefined ? [] : [`going back: ${back.says} [${back.mark}: ${back.source}]`];
  return [...doubtsOf(to, device).map(({ says, mark, source }) => `${says} [${mark}: ${source}]`), ...going];
}
