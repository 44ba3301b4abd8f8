/**
 * The table: every named state of task, wave and campaign, and of each leg, with every kind of trouble. A state that is added
 * to a machine does not compile until it has its line here.
 */
import type { End, Ran } from "./run.ts";
import { STORIES, type Story } from "./story.ts";
import { type Point, pointName, TROUBLES, type Trouble, type TroubleKind } from "./trouble.ts";

interface Line {
  readonly story: Story["id"];
  /** The legs it is come to on; absent where the point belongs to no device. */
  readonly legs?: readonly number[];
  /** Where one comes to it only after this. */
  readonly after?: Trouble;
  /** Kinds that cannot strike here, and why. */
  readonly not?: Partial<Record<TroubleKind, string>>;
}

const BOTH = [0, 1];
const HALTED_LATER = "the halt is then given anew, later, and devices have gone on";
const NO_CALL = "nothing is asked of anybody after it";
const NO_DEVICE = "it belongs to no device";
const ENDED = "the device has ended: nothing is asked of it any more";
const ofDevice = { silent: NO_DEVICE } as const;
const ended = { portError: ENDED, hang: ENDED, silent: ENDED } as const;
const killOnly = {
  ...{
    rowError: "it is news, no transition",
    portError: "it is news, no transition",
    hang: "it is news, no transition",
    silent: NO_DEVICE,
  },
} as const;

export const LINES: Readonly<Record<Point, Line | { readonly never: string }>> = {
  "task.planned": { story: "fates", not: ofDevice },
  "task.staged": { story: "stone", legs: BOTH },
  "task.held": { story: "fates", legs: [0] },
  "task.deferred": { story: "fates", legs: [0] },
  "task.armed": { story: "away", legs: [0], not: { silent: "it is away already" } },
  "task.reserved": { story: "stone", legs: BOTH },
  "task.commanded": { story: "stone", legs: BOTH },
  "task.applying": { story: "stone", legs: BOTH },
  "task.rebooting": { story: "stone", legs: BOTH },
  "task.verifying": { story: "stone", legs: BOTH },
  "task.soaking": { story: "stone", legs: [1] },
  "task.unknown": { story: "stone", legs: BOTH, after: { point: "task.rebooting", kind: "killAfter", nth: 1 } },
  "task.failedRetryable": { story: "fates", legs: [0] },
  "task.succeeded": { story: "fates", legs: [0], not: ended },
  "task.skipped": { story: "fates", legs: [0], not: ended },
  "task.refused": { story: "fates", legs: [0], not: ended },
  "task.replaced": { story: "succession", legs: [0], not: ended },
  "task.failed": { story: "fates", legs: [0], not: ended },
  "task.lost": { story: "fates", legs: [0], not: ended },
  "task.reverting": { story: "back" },
  "task.reverted": { story: "back", not: ended },
  "task.revertFailed": { story: "stuck", not: ended },
  "wave.pending": { story: "fates", not: ofDevice },
  "wave.active": { story: "fates", not: ofDevice },
  "wave.soaking": { story: "fates", not: ofDevice },
  "wave.passed": { story: "fates", not: ofDevice },
  "wave.held": { story: "gate", not: ofDevice },
  "wave.failed": { story: "halt", not: { ...ofDevice, rowError: HALTED_LATER } },
  "campaign.planned": { never: "a plan is kept and waits for its approval in one transaction" },
  "campaign.awaitingApproval": { story: "fates", not: ofDevice },
  "campaign.armed": { story: "fates", not: ofDevice },
  "campaign.running": { story: "fates", not: ofDevice },
  "campaign.paused": { story: "fates", not: ofDevice },
  "campaign.completed": { story: "stone", not: { ...ofDevice, portError: NO_CALL, hang: NO_CALL } },
  "campaign.completedWithFailures": { story: "gate", not: { ...ofDevice, portError: NO_CALL, hang: NO_CALL } },
  "campaign.halted": { story: "halt", not: { ...ofDevice, rowError: HALTED_LATER } },
  "campaign.expired": { story: "expiry", not: { ...ofDevice, portError: NO_CALL, hang: NO_CALL } },
  "campaign.superseded": { story: "succession", not: ofDevice },
  "campaign.rollingBack": { story: "back", not: ofDevice },
  "campaign.rolledBack": { story: "back", not: { ...ofDevice, portError: NO_CALL, hang: NO_CALL } },
  "campaign.closed": { story: "stuck", not: { ...ofDevice, portError: NO_CALL, hang: NO_CALL } },
  "sign.started": { story: "stone", not: killOnly },
  "sign.delivered": { story: "stone", not: killOnly },
  "desk.create": { story: "fates", not: { rowError: NO_DEVICE, silent: NO_DEVICE, duplicate: NO_DEVICE, late: NO_DEVICE } },
};

/** The states that a campaign which takes devices back comes to itself; the end has to be that of the way back without trouble. */
export const BACK_LINES: Readonly<Partial<Record<Point, Line>>> = {
  "task.planned": { story: "back", not: ofDevice },
  "task.staged": { story: "back", legs: BOTH },
  "task.held": { story: "back", legs: [0] },
  "task.reserved": { story: "back", legs: BOTH },
  "task.commanded": { story: "back", legs: BOTH },
  "task.applying": { story: "back", legs: BOTH },
  "task.rebooting": { story: "back", legs: BOTH },
  "task.verifying": { story: "back", legs: BOTH },
  "task.soaking": { story: "back", legs: BOTH },
  "task.unknown": { story: "back", legs: BOTH, after: { point: "task.rebooting", kind: "killAfter", nth: 1 } },
  "task.succeeded": { story: "back", not: ended },
  "task.failed": { story: "stuck", not: ended },
  "task.lost": { story: "stuck", not: ended },
  "wave.pending": { story: "back", not: ofDevice },
  "wave.active": { story: "back", not: ofDevice },
  "wave.soaking": { story: "back", not: ofDevice },
  "wave.passed": { story: "back", not: ofDevice },
  "wave.held": { story: "stuck", not: ofDevice },
  "campaign.awaitingApproval": { story: "back", not: ofDevice },
  "campaign.armed": { story: "back", not: ofDevice },
  "campaign.running": { story: "back", not: ofDevice },
  "campaign.paused": { story: "stuck", not: ofDevice },
  "campaign.completed": { story: "back", not: { ...ofDevice, portError: NO_CALL, hang: NO_CALL } },
  "campaign.completedWithFailures": { story: "stuck", not: { ...ofDevice, portError: NO_CALL, hang: NO_CALL } },
};

/** Of the states in `BACK_LINES` in the suite; by script all. */
const BACK_SMALL: readonly TroubleKind[] = ["killInside", "killAfter"];

export interface MatrixRow {
  readonly name: string;
  readonly story: Story;
  readonly troubles: readonly Trouble[];
}

/** What a row did wrong, in words; empty where it ended as the run without trouble did. */
export function wrongWith({ troubles }: Pick<MatrixRow, "troubles">, ran: Ran, calm: End): readonly string[] {
  const wrong = [...ran.broken];
  if (!ran.struck) wrong.push("the trouble never struck");
  const isSilent = troubles.some(({ kind }) => kind === "silent");
  for (const [device, was] of calm.devices) {
    const is = ran.end.devices.get(device) ?? "is gone";
    // Lost where it may have been touched, written off by a person where it was not.
    const fits = isSilent && device === ran.device ? /^(lost|skipped)/.test(is) : is === was;
    if (!fits) wrong.push(`${device} is ${is}, and was ${was} without trouble`);
  }
  const same = (what: string, is: string, was: string): void => {
    if (is !== was) wrong.push(`${what}: ${is}, and was ${was} without trouble`);
  };
  if (!isSilent) same("campaign", ran.end.campaign, calm.campaign);
  if (!isSilent) same("tickets", ran.end.tickets.join(" "), calm.tickets.join(" "));
  same("waves", ran.end.waves.join(" "), calm.waves.join(" "));
  return wrong;
}

export function matrixRows(size: "small" | "full"): readonly MatrixRow[] {
  return [
    ...Object.entries(LINES).flatMap(([name, line]) => ("never" in line ? [] : rowsOf(name as Point, line, TROUBLES, {}))),
    ...Object.entries(BACK_LINES).flatMap(([name, line]) =>
      rowsOf(name as Point, line, size === "small" ? BACK_SMALL : TROUBLES, { back: true }),
    ),
  ];
}

function rowsOf(point: Point, line: Line, kinds: readonly TroubleKind[], going: Pick<Trouble, "back">): readonly MatrixRow[] {
  const story = STORIES.find(({ id }) => id === line.story) as Story;
  return (line.legs ?? [undefined]).flatMap((leg) =>
    kinds
      .filter((kind) => line.not?.[kind] === undefined)
      .map((kind) => ({
        name: `${pointName({ point, ...(leg === undefined ? {} : { leg }), ...going })} ${kind}`,
        story,
        troubles: [...(line.after === undefined ? [] : [line.after]), { point, kind, nth: 1 }].map((trouble) => ({
          ...trouble,
          ...going,
          ...(leg === undefined ? {} : { leg }),
        })),
      })),
  );
}
