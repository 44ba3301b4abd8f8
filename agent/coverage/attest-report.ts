/** The attestation as a report for people. Pure. */
import { instantOf } from "../../protocols/core/time.ts";
import type { Cell, CellState, Report, Section } from "../reports/report-shape.ts";
import type { AttestedDevice, Draft } from "./attest.ts";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

type State = AttestedDevice["coverage"]["state"];
const WORDS: Readonly<Record<State, readonly [word: string, state: CellState]>> = {
  covered: ["covered", "good"],
  expiring: ["ends soon", "attention"],
  lapsed: ["lapsed", "bad"],
  notCovered: ["not covered", "bad"],
  unknown: ["unknown", "unknown"],
};

/** Wide enough for a whole MAC, serial number and date; what people write may take two lines. */
const COLUMNS: Section["columns"] = [
  { title: "#", share: 3.2, align: "right" },
  { title: "Name", share: 12.5, small: true },
  { title: "Model", share: 9, small: true },
  { title: "Serial number", share: 10.8 },
  { title: "MAC", share: 11 },
  { title: "Room", share: 7.5, small: true },
  { title: "First found", share: 7.8 },
  { title: "How", share: 18.5, small: true },
  { title: "Coverage", share: 10 },
  { title: "Until", share: 7.5 },
  { title: "Contract", share: 9.5, small: true },
];

/** @param kid names the key that signs the JSON beside it */
export function reportOf(draft: Draft, kid: string): Report {
  const { site, month, zone, counts, lists, complete } = draft;
  const [year = "", number = "1"] = month.split("-");
  const title = `Coverage attestation, ${MONTHS[Number(number) - 1]} ${year}`;
  return {
    title,
    subtitle: `${site.name} · site ${site.id}${site.environment === "production" ? "" : ` · ${site.environment}`}`,
    author: `Groundswell ${draft.agentVersion}`,
    madeAtMs: Temporal.Instant.from(draft.madeAt).epochMilliseconds,
    facts: [
      ["As of", `${wall(draft.asOf, zone)}${complete ? "" : "; the month is not over, so this is not final"}`],
      ["Made", wall(draft.madeAt, zone)],
      ["Poly products", productsText(counts)],
      ["Coverage", coverageText(counts)],
      [
        "Lists",
        lists.length === 0
          ? "none was taken in by then: coverage is unknown"
          : lists.map((list) => `${list.source}: ${list.name}, ${list.listed} lines, ${wall(list.takenAt, zone)}`).join("; "),
      ],
      ["Signed by", `key ${kid}`],
    ],
    notes: [
      "Every Poly product that the agent found on this site's networks in the month, with the first sign of it and its contract as the lists above state it. Those without a contract come first.",
    ],
    sections: [
      {
        columns: COLUMNS,
        rows: draft.devices.map((device, at) => rowOf(device, at + 1, zone)),
        empty: "No Poly product was seen in this month.",
      },
    ],
    footer: `${title} · ${site.id} · signed JSON beside this file; check both with: groundswell coverage verify FILE`,
  };
}

function productsText({ devices, notSeen }: Draft["counts"]): string {
  return `${devices} seen in the month${notSeen === 0 ? "" : `; ${notSeen} known from before and not seen, left out`}`;
}

function coverageText({ covered, expiring, lapsed, notCovered, unknown }: Draft["counts"]): string {
  const parts = [`${covered + expiring} under contract${expiring === 0 ? "" : `, of which ${expiring} within 90 days of the end`}`];
  if (lapsed > 0) parts.push(`${lapsed} lapsed`);
  if (notCovered > 0) parts.push(`${notCovered} not covered`);
  if (unknown > 0) parts.push(`${unknown} unknown`);
  return parts.join(", ");
}

function rowOf(device: AttestedDevice, number: number, zone: string): readonly Cell[] {
  const { coverage, found } = device;
  const [word, state] = WORDS[coverage.state];
  return [
    String(number),
    device.name,
    device.model ?? "",
    device.serial ?? "",
    device.mac ?? "",
    device.room ?? "",
    dayOf(found?.at ?? device.firstSeen, zone),
    howFound(found),
    { state, text: word },
    coverage.until ?? "",
    [coverage.contract, coverage.service].filter((part) => part !== undefined).join(", "),
  ];
}

/** The evidence names its way already where that is the source. */
function howFound(found: AttestedDevice["found"]): string {
  if (found === undefined) return "";
  const { source, evidence } = found;
  return evidence === "" || evidence.startsWith(`${source}:`) ? evidence || source : `${source}, ${evidence}`;
}

function dayOf(iso: string, zone: string): string {
  return instantOf(Temporal.Instant.from(iso).epochMilliseconds).toZonedDateTimeISO(zone).toPlainDate().toString();
}

function wall(iso: string, zone: string): string {
  const at = Temporal.Instant.from(iso).toZonedDateTimeISO(zone);
  return `${at.toPlainDate()} ${at.toPlainTime().toString({ smallestUnit: "second" })} ${zone}`;
}
