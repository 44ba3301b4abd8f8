/** The report of a campaign for people: the same facts and tables as PDF and as text. Pure. */

import type { CampaignReport, ReportedDevice, ReportedWave } from "../../firmware/waves/report-document.ts";
import { showDuration } from "../../protocols/core/time.ts";
import { showBytes } from "../cli/show.ts";
import { gateSections, healthSection } from "./campaign-report-proof.ts";
import { finishWords, lengthsWords, outageWords, stateOf, stateWords, totalsWords, wall } from "./campaign-words.ts";
import type { BrandLook, Report, Section } from "./report-shape.ts";

/** `all` devices, or only those that were not simply updated. */
export function reportForPeople(report: CampaignReport, devices: "all" | "notable", look?: BrandLook): Report {
  const { release, site, partner, campaign, zone, wave, waves } = report;
  const what = wave === undefined ? (report.rollback === undefined ? "Campaign report" : "Rollback report") : `Report of wave ${wave}`;
  const title = `${what}, ${report.rollback === undefined ? "" : "back from "}${release.title}${report.complete ? "" : ", so far"}`;
  const sections = [
    wavesSection(report),
    ...waves.flatMap((one) => gateSections(one, zone)),
    ...healthSection(waves),
    ...durationsSection(waves),
    ...devicesSection(report, devices),
    ...heldBackSection(report),
    ...ticketsSection(report),
    ...actsSection(report),
  ];
  return {
    title,
    ...(look === undefined ? {} : { look }),
    subtitle: `${partner === undefined ? "" : `${partner} · `}${site.name} · site ${site.id}${site.environment === "production" ? "" : ` · ${site.environment}`}`,
    author: `Groundswell ${report.agentVersion}`,
    madeAtMs: Temporal.Instant.from(report.madeAt).epochMilliseconds,
    facts: factsOf(report),
    notes: report.complete ? [] : ["It is not over: this tells how it stood when the report was made."],
    sections,
    footer: `${title} · ${site.id} · ${campaign} · times of ${zone} · every text in full: groundswell campaign report ${campaign} --out FILE.json`,
  };
}

function factsOf(report: CampaignReport): [string, string][] {
  const { release, zone, planned, approved, started, totals, worst, bytes } = report;
  const hashes = release.images.map(({ sha256 }) => sha256.slice(0, 12));
  const rows: [string, string | undefined][] = [
    ["Campaign", `${report.campaign}: ${standing(report)}`],
    ["Takes back", report.rollback === undefined ? undefined : `campaign ${report.rollback}`],
    ["Release", `${release.title}, version ${release.version}, ${release.id}`],
    ["Images", hashes.length === 0 ? undefined : `SHA-256 ${hashes.slice(0, 8).join(", ")}${hashes.length > 8 ? ", …" : ""}`],
    [
      "Plan",
      `${report.planHash.slice(0, 12)}, made ${wall(planned.at, zone)} by ${planned.by}${report.reason === "" ? "" : `: ${report.reason}`}`,
    ],
    ["Approved", approved.map(({ by, at }) => `${wall(at, zone)} by ${by}`).join("; ")],
    ["Started", started === undefined ? "not yet" : `${wall(started.at, zone)}${started.by === "" ? "" : ` by ${started.by}`}`],
    ["Ended", report.ended === undefined ? undefined : wall(report.ended, zone)],
    ["Devices", `${totalsWords(totals)}${report.heldBack.length === 0 ? "" : `; ${report.heldBack.length} more held back`}`],
    ["Planned outages", report.outages.map(outageLine).join("; ")],
    ["Finish", finishWords(report)],
    ["Worst moment", `seen ${outageWords(worst.seen)}; expected ${outageWords(worst.laid)}; never more than ${outageWords(worst.bound)}`],
    [
      "Bytes",
      `${showBytes(bytes.lanServed)} to devices in ${bytes.imagesServed} ${bytes.imagesServed === 1 ? "image" : "images"}, ${showBytes(bytes.lanForecast)} foretold; ${showBytes(bytes.wanForecast)} over the uplink foretold${bytes.sent === 0 ? "" : `; ${showBytes(bytes.sent)} were sent in all`}`,
    ],
    ["Made", wall(report.madeAt, zone)],
  ];
  return rows.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, value]]));
}

/** The reason of a halt begins with that word. */
function standing({ state, why }: CampaignReport): string {
  const word = stateWords(state);
  if (why === undefined) return word;
  return why.startsWith(word) ? why : `${word}, ${why}`;
}

function wavesSection({ waves, zone }: CampaignReport): Section {
  return {
    title: "Waves",
    columns: [
      { title: "Wave", share: 5.2 },
      { title: "State", share: 8 },
      { title: "Devices", share: 24, small: true },
      { title: "Started", share: 11 },
      { title: "Ended", share: 11 },
      { title: "Took", share: 16, small: true },
      { title: "Sent", share: 8, align: "right" },
      { title: "Proof", share: 30, small: true },
    ],
    rows: waves.map((wave) => [
      String(wave.index),
      { state: stateOf(wave.state), text: stateWords(wave.state) },
      totalsWords(wave.totals),
      wall(wave.started, zone),
      wall(wave.ended, zone),
      lengthsWords(wave.length),
      wave.sentBytes === 0 ? "" : showBytes(wave.sentBytes),
      proofText(wave),
    ]),
    empty: "The plan has no waves: every device was held back.",
  };
}

const outageLine = ({ domain, devices, keeps, usually }: CampaignReport["outages"][number]): string =>
  `${domain}: ${keeps} of ${devices} stayed up at the least, not ${usually}`;

/** What is the same of all is said once. */
function proofText({ proof, started }: ReportedWave): string {
  if (started === undefined) return "";
  const all = [...new Set(proof.map(({ words }) => words))];
  if (all.length === 1) return all[0] ?? "";
  return proof.map(({ model, words }) => `${model}: ${words}`).join("; ");
}

function durationsSection(waves: readonly ReportedWave[]): Section[] {
  const rows = waves.flatMap(({ index, durations, restarts }) => {
    if (durations === undefined) return [];
    const { devices, p50Ms, p90Ms, forecastP50Ms, forecastP90Ms, withinP90 } = durations;
    const [half, most] = [
      `${showDuration(p50Ms)} (${showDuration(forecastP50Ms)})`,
      `${showDuration(p90Ms)} (${showDuration(forecastP90Ms)})`,
    ];
    return [[String(index), String(devices), half, most, `${withinP90} of ${devices}`, restartWords(restarts)]];
  });
  if (rows.length === 0) return [];
  return [
    {
      title: "How long devices took",
      notes: ["From the command to all lines being back, of devices nobody's call held up; what the plan went by is in brackets."],
      columns: [
        { title: "Wave", share: 5 },
        { title: "Measured", share: 8, align: "right" },
        { title: "Half of them within", share: 18 },
        { title: "Nine of ten within", share: 18 },
        { title: "Within their p90", share: 12 },
        { title: "Restarts since", share: 20 },
      ],
      rows,
      empty: "",
    },
  ];
}

const restartWords = ({ devices, restarts }: ReportedWave["restarts"]): string =>
  restarts === 0 ? "none" : `${restarts} on ${devices} ${devices === 1 ? "device" : "devices"}`;

const isNotable = ({ state, ticket, attempts }: ReportedDevice): boolean =>
  !["updated", "alreadyCurrent", "planned"].includes(state) || ticket !== undefined || attempts > 1;

function devicesSection({ devices, zone }: CampaignReport, which: "all" | "notable"): Section[] {
  const shown = which === "all" ? devices : devices.filter(isNotable);
  if (which === "notable" && shown.length === 0) return [];
  return [
    {
      title: which === "all" ? "Devices" : "Devices that were not simply updated",
      columns: [
        { title: "Name", share: 15, small: true },
        { title: "Model", share: 8, small: true },
        { title: "Wave", share: 5.2 },
        { title: "From", share: 8.5, small: true },
        { title: "To", share: 8.5, small: true },
        { title: "Tries", share: 4, align: "right" },
        { title: "State", share: 9.5 },
        { title: "Ended", share: 10.5 },
        { title: "Took", share: 8 },
        { title: "Sent", share: 8, align: "right" },
        { title: "Ticket", share: 7.5, small: true },
        { title: "Why", share: 19, small: true },
      ],
      rows: shown.map((device) => [
        ...[device.name, device.model, String(device.wave), device.from, device.steps?.join(", ") ?? device.to, String(device.attempts)],
        { state: stateOf(device.state), text: stateWords(device.state) },
        ...[wall(device.ended, zone), device.lengthMs === undefined ? "" : showDuration(device.lengthMs)],
        device.sentBytes === undefined ? "" : showBytes(device.sentBytes),
        ...[device.ticket ?? "", device.why ?? ""],
      ]),
      empty: "No device is planned.",
    },
  ];
}

function heldBackSection({ heldBack }: CampaignReport): Section[] {
  if (heldBack.length === 0) return [];
  return [
    {
      title: `Held back by the plan: ${heldBack.length}`,
      columns: [
        { title: "Name", share: 16, small: true },
        { title: "Reason", share: 12 },
        { title: "Why", share: 40, small: true },
        { title: "Lifted by", share: 32, small: true },
      ],
      rows: heldBack.map(({ name, code, why, lifts }) => [name, code, why, lifts]),
      empty: "",
    },
  ];
}

function ticketsSection({ tickets }: CampaignReport): Section[] {
  if (tickets.length === 0) return [];
  return [
    {
      title: "Tickets",
      columns: [
        { title: "Ticket", share: 22 },
        { title: "State", share: 8 },
        { title: "Devices", share: 8, align: "right" },
        { title: "What", share: 60, small: true },
      ],
      rows: tickets.map(({ key, number, title, state, devices }) => [number ?? key, state, String(devices), title]),
      empty: "",
    },
  ];
}

function actsSection({ acts, zone }: CampaignReport): Section[] {
  if (acts.length === 0) return [];
  return [
    {
      title: "Who did what",
      columns: [
        { title: "When", share: 12 },
        { title: "Who", share: 12, small: true },
        { title: "What", share: 32, small: true },
        { title: "Gate", share: 10 },
        { title: "Why", share: 40, small: true },
      ],
      rows: acts.map(({ at, by, what, gate, why }) => [wall(at, zone), by, what, gate ?? "", why ?? ""]),
      empty: "",
    },
  ];
}
