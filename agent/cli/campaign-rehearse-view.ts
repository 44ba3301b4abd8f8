/** A rehearsal as people read it: would it end and when, the worst moment, and what each misbehaviour would do. Pure. */
import type { RehearsalDocument, ScenarioDocument } from "../rehearsal/document.ts";
import { renderTable, safeText } from "./output.ts";
import { counted, momentOf } from "./show.ts";

type Outage = ScenarioDocument["worst"];

export function rehearsalText(report: RehearsalDocument): string {
  const [plain, ...others] = report.scenarios;
  if (plain === undefined) return "";
  const { campaign, release, devices, runs, seed, known } = report;
  const what = `${counted(devices, "device")} to ${release.title} (${release.version})`;
  const use = known.usage === 0 ? "no place's use is known" : `the use of the places of ${counted(known.usage, "device")} is known`;
  const offline = known.offline === 0 ? "" : `, ${counted(known.offline, "device")} ${known.offline === 1 ? "is" : "are"} offline`;
  return [
    "SIMULATION: nothing was sent to any device, and nothing is changed.\n",
    `${safeText(
      `Campaign ${campaign} moves ${what}; played ${counted(runs, "time")} each from seed ${seed}; ${use}${offline}; times are of ${report.zone}`,
    )}\n`,
    `\nIf every device behaves: ${endText(plain, report.zone)}\n`,
    wavesText(plain, report.zone),
    `\nDown at once\n${worstTable(report, plain)}`,
    domainsText(plain),
    others.length === 0 ? "" : `\nIf devices misbehave\n${othersTable(others, report.zone)}${others.map(sentenceOf).join("")}`,
    `\nWhat it cannot know\n${report.cannotKnow.map((line) => `  ${line}\n`).join("")}`,
    `Next: groundswell campaign status ${safeText(campaign)}\n`,
  ].join("");
}

function endText(scenario: ScenarioDocument, zone: string): string {
  const { ended, plays, finishP50, finishP90, windowsP50, asked } = scenario;
  const said = asked === 0 ? "" : `; a person was asked ${counted(asked, "time")} and said yes`;
  if (ended === 0 || finishP50 === null || finishP90 === null) return `it would not end, ${stopWords(scenario)}${said}`;
  const all = ended === plays ? "it would end" : `it would end in ${ended} of ${plays} plays`;
  const rest = ended === plays ? "" : `; else ${stopWords(scenario)}`;
  return `${all} ${momentAt(finishP50, zone)} (nine times of ten by ${momentAt(finishP90, zone)}), in ${counted(windowsP50, "window")}${said}${rest}`;
}

/** `Wed 2026-11-25 01:40`, in the zone of the site's calendar. */
function momentAt(iso: string, zone: string): string {
  const atMs = momentOf(iso);
  if (atMs === undefined) return iso;
  const at = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
  const day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][at.dayOfWeek - 1];
  return `${day} ${at.toPlainDate()} ${at.toPlainTime().toString({ smallestUnit: "minute" })}`;
}

function stopWords({ stops }: ScenarioDocument): string {
  const [first] = stops;
  if (first === undefined) return "nothing moves any more";
  const by = first.gate === null ? "it stands still" : `held by ${first.gate}`;
  return `${by} in wave ${first.wave} (${safeText(first.why)})`;
}

function wavesText({ waves, plays }: ScenarioDocument, zone: string): string {
  const when = (iso: string | null): string => (iso === null ? "-" : momentAt(iso, zone));
  return renderTable(
    [
      { title: "WAVE", of: ({ index }) => String(index), align: "right" },
      { title: "DEVICES", of: ({ devices }) => String(devices), align: "right" },
      { title: "STARTS", of: ({ startP50 }) => when(startP50) },
      { title: "PASSED", of: ({ endP50 }) => when(endP50) },
      { title: "9 OF 10 BY", of: ({ endP90 }) => when(endP90) },
      { title: "PASSES", of: ({ passed }) => `${passed}/${plays}`, align: "right" },
    ],
    waves,
  );
}

function worstTable({ planned, scenarios }: RehearsalDocument, plain: ScenarioDocument): string {
  const rows: readonly (readonly [name: string, outage: Outage])[] = [
    ["simulated", plain.worst],
    ["simulated, with misbehaviour", worstOfAll(scenarios)],
    ["as the plan lays it out", planned.laid],
    ["the plan's bound", planned.bound],
  ];
  return renderTable(
    [
      { title: "", of: ([name]) => name },
      { title: "DEVICES", of: ([, { devices }]) => String(devices), align: "right" },
      { title: "PHONES", of: ([, { phones }]) => String(phones), align: "right" },
      { title: "ROOMS", of: ([, { rooms }]) => String(rooms), align: "right" },
      { title: "DARK ROOMS", of: ([, { darkRooms }]) => String(darkRooms), align: "right" },
    ],
    rows.filter(([name]) => scenarios.length > 1 || !name.includes("misbehaviour")),
  );
}

function worstOfAll(scenarios: RehearsalDocument["scenarios"]): Outage {
  const most = (of: keyof Outage): number => Math.max(0, ...scenarios.map(({ worst }) => worst[of]));
  return { devices: most("devices"), phones: most("phones"), rooms: most("rooms"), darkRooms: most("darkRooms") };
}

function domainsText({ domains }: ScenarioDocument): string {
  if (domains.length === 0) return "";
  return renderTable(
    [
      { title: "TIGHTEST OF ITS KIND", of: ({ id }) => id },
      { title: "AWAY", of: ({ away, members }) => `${away} of ${members}`, align: "right" },
      { title: "MUST STAY UP", of: ({ minUp }) => String(minUp), align: "right" },
    ],
    domains,
  );
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;

function othersTable(others: readonly ScenarioDocument[], zone: string): string {
  const count = (name: string): ((row: ScenarioDocument) => string) => {
    return ({ counts }) => String(counts[name] ?? 0);
  };
  const seldom = ["refused", "skipped"].filter((name) => others.some(({ counts }) => (counts[name] ?? 0) > 0));
  return renderTable(
    [
      { title: "MISBEHAVIOUR", of: ({ misbehaviour }) => misbehaviour ?? "" },
      { title: "RATE", of: ({ share }) => percent(share), align: "right" },
      { title: "ENDS", of: ({ ended, plays }) => `${ended}/${plays}`, align: "right" },
      { title: "9 OF 10 BY", of: ({ finishP90 }) => (finishP90 === null ? "-" : momentAt(finishP90, zone)) },
      { title: "STOPPED BY", of: stopName },
      { title: "TOUCHED", of: ({ touched }) => String(touched), align: "right" },
      { title: "DONE", of: count("succeeded"), align: "right" },
      { title: "FAILED", of: count("failed"), align: "right" },
      { title: "LOST", of: count("lost"), align: "right" },
      ...seldom.map((name) => ({ title: name.toUpperCase(), of: count(name), align: "right" as const })),
      { title: "WAITING", of: count("waiting"), align: "right" },
    ],
    others,
  );
}

function stopName({ stops }: ScenarioDocument): string {
  const [first] = stops;
  if (first === undefined) return "-";
  return `${first.gate ?? "standstill"}, wave ${first.wave}`;
}

/** `with 3 % (6 devices), "says yes to the command and does nothing": held by failureCount in wave 3 in 2 of 3: 9 devices touched, 2 failed` */
function sentenceOf({ says, share, devices, stops, plays, ended }: ScenarioDocument): string {
  const whom = `  with ${percent(share)} (${counted(devices, "device")}), "${says}"`;
  const ends = ended === 0 ? [] : [`it ends in ${ended} of ${plays}`];
  const held = stops.map(({ gate, wave, why, plays: times, touched, failed }) => {
    const by = gate === null ? `stands still (${why})` : `held by ${gate}`;
    return `${by} in wave ${wave} in ${times} of ${plays}: ${counted(touched, "device")} touched, ${failed} failed`;
  });
  return safeText(`${whom}: ${[...ends, ...held].join("; ")}`).concat("\n");
}
