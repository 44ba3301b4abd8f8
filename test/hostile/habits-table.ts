/**
 * What a visit says of each bad habit of the simulated site, at every kind of device it shows on. A list is exact, beside what is
 * said of a well-behaved device of the kind (`ALWAYS`); `?` before a fault: only where time is left for that door.
 */
import type { DeviceKind, Misbehaviour } from "../../fixtures/site/device.ts";
import type { Door } from "../../fixtures/site/kinds.ts";
import type { Place } from "../../fixtures/site/misbehaviour-doors.ts";
import type { FamilyId } from "../../protocols/core/device.ts";

export const FAMILY = {
  vvx: "uc-phone",
  edge: "uc-phone",
  soundpoint: "soundpoint",
  studio: "video-os",
  group: "group",
  hdx: "hdx",
  switch: "switch",
} as const satisfies Partial<Record<DeviceKind, FamilyId>>;
export type Kind = keyof typeof FAMILY;
export const KINDS = Object.keys(FAMILY) as readonly Kind[];
const PHONES: readonly Kind[] = ["vvx", "edge", "soundpoint"];

/** Doors the kind does not have, and state polling without an account. The site resets whoever knocks where no door is. */
export const ALWAYS: Readonly<Record<Kind, readonly string[]>> = {
  vvx: ["unreachable ssh"],
  edge: ["unreachable ssh"],
  soundpoint: ["unreachable ssh", "off https"],
  studio: ["unreachable ssh"],
  group: [],
  hdx: ["unreachable ssh"],
  switch: ["unreachable tls", "unreachable sip", "unreachable ssh"],
};

export interface Row {
  readonly habit: Misbehaviour;
  readonly options: Readonly<Record<string, unknown>>;
  /** Doors that are filtered, so that the next one is asked. */
  readonly shut: readonly Door[];
  readonly kind: Kind;
  readonly said: readonly string[];
}

type Said = Partial<Record<Kind, readonly string[]>>;
interface More {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly shut?: readonly Door[];
}

function rows(habit: Misbehaviour, kinds: Said, { options = {}, shut = [] }: More = {}): readonly Row[] {
  return (Object.entries(kinds) as [Kind, readonly string[]][]).map(([kind, said]) => ({ habit, options, shut, kind, said }));
}

const all = (kinds: readonly Kind[], ...said: readonly string[]): Said => Object.fromEntries(kinds.map((kind) => [kind, said]));
/** Doors for which there may be no time left. */
const LATE_HDX = ["?unreachable sip", "?unreachable snmp", "?unreachable telnet"] as const;

function slow(first: string): Said {
  return {
    ...all(PHONES, first, "?unreachable https", "?unreachable sip"),
    studio: [first, "?unreachable https"],
    group: [first, "overBudget ssh", "?unreachable https", "?unreachable ssh", "?unreachable telnet"],
    hdx: [first, "?unreachable https", "?unreachable http", ...LATE_HDX],
    switch: [],
  };
}

const HANDSHAKE = { options: { handshake: true } };

export const ROWS: readonly Row[] = [
  // Of what shows only after a command, and of what a room lacks, a visit has no fault to tell.
  ...(
    ["acceptsAndIgnores", "callBetweenLookAndCommand", "dropsPanel", "reportsSuccessThenFallsBack", "installsOtherBuild"] as const
  ).flatMap((habit) => rows(habit, all(KINDS))),
  ...(["neverReturns", "returnsAfter", "rebootsByChance", "losesRegistrationAfterUpdate"] as const).flatMap((habit) =>
    rows(habit, all(KINDS)),
  ),
  ...rows("answersTwice", {
    ...all(["vvx", "edge", "soundpoint", "studio", "group"], "garbled https"),
    hdx: ["garbled https", "garbled http"],
    switch: [],
  }),
  ...rows(
    "dropsAfterBytes",
    {
      ...all(["vvx", "edge", "soundpoint", "studio"], "unreachable https"),
      group: ["unreachable https", "unreachable ssh", "unreachable telnet"],
      hdx: ["unreachable https", "unreachable http", "unreachable telnet"],
      switch: [],
    },
    { options: { bytes: 300 } },
  ),
  // A SoundPoint's pages are asked in clear then; the calls of an HDX are on its command line too.
  ...rows(
    "dropsAfterBytes",
    {
      ...all(["vvx", "edge", "studio", "hdx"], "unreachable tls"),
      soundpoint: ["unreachable tls", "denied http"],
      group: ["unreachable tls", "unreachable ssh", "unreachable telnet"],
    },
    HANDSHAKE,
  ),
  // The first look takes all the time of the visit.
  ...rows("slowLoris", slow("overBudget https")),
  ...rows("slowLoris", slow("overBudget tls"), HANDSHAKE),
  ...rows("slowLoris", { hdx: ["unreachable https", "overBudget http", ...LATE_HDX] }, { shut: ["https"] }),
  ...rows("slowLoris", { hdx: ["unreachable https", "unreachable http", "overBudget telnet", ...LATE_HDX] }, { shut: ["https", "http"] }),
  ...rows("endlessBanner", {
    ...all(["vvx", "edge", "soundpoint", "studio"], "overBudget https"),
    group: ["overBudget https", "overBudget ssh"],
    hdx: ["overBudget https", "overBudget http", "overBudget telnet"],
    switch: [],
  }),
  ...rows("hugeAnswer", {
    ...all([...PHONES, "studio"], "overBudget https", "garbled sip"),
    group: ["overBudget https", "overBudget ssh", "garbled sip"],
    hdx: ["overBudget https", "overBudget http", "overBudget telnet", "garbled sip", "?unreachable snmp"],
    // Three texts of 60 kB are more than a datagram holds: its agent is silent.
    switch: ["unreachable snmp"],
  }),
  ...[{}, { raw: true }].flatMap((options) =>
    rows(
      "garbage",
      {
        ...all([...PHONES, "studio"], "garbled https", "garbled sip"),
        group: ["garbled https", "garbled ssh", "garbled sip"],
        hdx: ["garbled https", "garbled http", "garbled telnet", "garbled sip", "?garbled snmp", "?unreachable snmp"],
        switch: ["garbled snmp"],
      },
      { options },
    ),
  ),
  // Nobody is known then, so that the community is tried.
  ...rows(
    "garbage",
    {
      ...all([...PHONES, "studio"], "garbled tls", "garbled sip", "unreachable snmp"),
      group: ["garbled tls", "garbled sip", "garbled ssh", "garbled snmp"],
      hdx: ["garbled tls", "garbled sip", "garbled snmp"],
      switch: ["garbled snmp"],
    },
    HANDSHAKE,
  ),
  ...rows("wrongSnmpId", { ...all(["group", "hdx", "switch"], "garbled snmp"), studio: [] }),
  ...rows("locksOut", { ...all(PHONES, "lockedOut https"), ...all(["studio", "group", "hdx"], "denied https") }),
  ...rows("locksOut", { group: ["unreachable https", "denied ssh"] }, { shut: ["https"] }),
];

/** Habits that a place shows and a visit says nothing of, and why. */
export const UNSAID: readonly (readonly [Misbehaviour, Place, string])[] = [
  ...(["https", "ssh", "sip"] as const).flatMap((place) => [
    ["acceptsAndIgnores", place, "a visit commands nothing"] as const,
    ["callBetweenLookAndCommand", place, "a visit commands nothing"] as const,
  ]),
  ["dropsPanel", "https", "a part that is missing is a fact, not a fault"],
  ["dropsPanel", "snmp", "a part that is missing is a fact, not a fault"],
  ["answersTwice", "snmp", "the second datagram comes when nobody asks"],
  ["answersTwice", "sip", "the second datagram comes when nobody asks"],
  ["answersTwice", "telnet", "a line said twice says one thing"],
  ["flaps", "http", "where every door is silent nobody is known whose pages could be asked"],
  ["flaps", "telnet", "where every door is silent nobody is known whose command line could be asked"],
];

/** Said of every kind while it is away: one fault for each door that is knocked at. */
export const AWAY: readonly string[] = ["unreachable tls", "unreachable sip", "unreachable ssh", "unreachable snmp"];
