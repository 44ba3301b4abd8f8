/** The part of a campaign's report that proves: what gates said and on what it rests, and health before and after. Pure. */
import type { ReportedWave } from "../../firmware/waves/report-document.ts";
import type { ReadingName } from "../../protocols/core/reading.ts";
import { stateOf, valueName, valueWords, wall } from "./campaign-words.ts";
import type { Cell, Section } from "./report-shape.ts";

/** What every gate of a wave said, and beneath it the evidence that speaks against the wave. */
export function gateSections({ index, judged, verdicts, proof }: ReportedWave, zone: string): Section[] {
  if (judged === undefined) return [];
  const promised = proof.map(({ model, plannedWords }) => (proof.length === 1 ? plannedWords : `${model}: ${plannedWords}`));
  const gates: Section = {
    title: `Gates of wave ${index}: ${judged.verdict}, ${wall(judged.at, zone)}`,
    notes: [
      ...(promised.some((words) => words !== "")
        ? [`Planned proof, if it ended clean: ${promised.filter((words) => words !== "").join("; ")}.`]
        : []),
      ...(verdicts.length < 2 ? [] : [`It moved by its gates ${verdicts.length} times; this is the last.`]),
    ],
    columns: [
      { title: "Gate", share: 14 },
      { title: "Says", share: 12 },
      { title: "Why", share: 56, small: true },
      { title: "Note", share: 20, small: true },
    ],
    rows: judged.gates.map((gate) => [gate.gate, { state: stateOf(gate.verdict), text: gate.verdict }, gate.why, noteOf(gate)]),
    empty: "No gate was asked.",
  };
  const against = judged.gates.flatMap(({ gate, evidence }) =>
    evidence.filter(({ verdict }) => verdict !== "pass").map((line) => ({ gate, ...line })),
  );
  return against.length === 0 ? [gates] : [gates, evidenceSection(index, against)];
}

type Gate = NonNullable<ReportedWave["judged"]>["gates"][number];

function noteOf({ acceptedBy, reportsOnly }: Gate): string {
  if (reportsOnly === true) return "only reports";
  return acceptedBy === undefined ? "" : `accepted by ${acceptedBy}`;
}

function evidenceSection(index: number, lines: readonly (Gate["evidence"][number] & { readonly gate: string })[]): Section {
  return {
    title: `What speaks against wave ${index}`,
    columns: [
      { title: "Gate", share: 12 },
      { title: "What", share: 44, small: true },
      { title: "Before", share: 9, align: "right" },
      { title: "After", share: 9, align: "right" },
      { title: "Untouched", share: 10, align: "right" },
      { title: "Limit", share: 9, align: "right" },
      { title: "Says", share: 11 },
    ],
    rows: lines.map(({ gate, what, before, after, untouchedChange, limit, verdict }): Cell[] => [
      ...[gate, what, figure(before), figure(after), change(untouchedChange), figure(limit)],
      { state: stateOf(verdict), text: verdict },
    ]),
    empty: "",
  };
}

const figure = (value: number | undefined): string => (value === undefined ? "" : String(Number(value.toPrecision(4))));

function change(value: number | undefined): string {
  if (value === undefined) return "";
  return value > 0 ? `+${figure(value)}` : figure(value);
}

/** Middle values: at the gate's last look beside untouched devices, and of the day before and the day after. */
export function healthSection(waves: readonly ReportedWave[]): Section[] {
  const atGate = waves.flatMap(({ index, health }) =>
    health.map(({ value, updated, untouched }) => [
      ...[String(index), "at the gate", valueName(value), ...shiftCells(value, updated)],
      ...(untouched === undefined ? ["", "", ""] : shiftCells(value, untouched)),
    ]),
  );
  const days = waves.flatMap(({ index, days: all }) =>
    all.map(({ value, updated }) => [
      ...[String(index), "day before, day after", valueName(value), ...shiftCells(value, updated)],
      "",
      "",
      "",
    ]),
  );
  const rows = [...atGate, ...days].toSorted((a, b) => Number(a[0]) - Number(b[0]));
  if (rows.length === 0) return [];
  return [
    {
      title: "Health before and after",
      notes: [
        "The middle of all devices that stated the value both times; untouched are devices of the same models that were not updated yet.",
      ],
      columns: [
        { title: "Wave", share: 5 },
        { title: "When", share: 17 },
        { title: "Value", share: 16 },
        { title: "Updated", share: 8, align: "right" },
        { title: "Before", share: 10, align: "right" },
        { title: "After", share: 10, align: "right" },
        { title: "Untouched", share: 9, align: "right" },
        { title: "Before", share: 10, align: "right" },
        { title: "After", share: 10, align: "right" },
      ],
      rows,
      empty: "",
    },
  ];
}

function shiftCells(name: ReadingName, { devices, before, after }: ReportedWave["health"][number]["updated"]): string[] {
  return [String(devices), valueWords(name, before), valueWords(name, after)];
}
