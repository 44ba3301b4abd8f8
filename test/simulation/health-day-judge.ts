/**
 * What the day promised, against what the portal heard and what the agent's files hold. Nothing is passed over: an incident
 * nobody expected is a broken promise too.
 */
import { join } from "node:path";
import { MAIN_FILE, openForReading } from "../../store/open.ts";
import { type Expected, expectedOf, FLAPS } from "./fleet-day.ts";
import type { DayRun } from "./health-day.ts";
import { integer, text } from "./rows.ts";

interface Told {
  readonly id: number;
  readonly cause: string;
  readonly kind: string;
  readonly causeClass: string;
  readonly service: string | undefined;
  readonly isOpen: boolean;
  readonly devices: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
}

/** Every broken promise in words; empty where the day went as it should. */
export function brokenPromises(run: DayRun): readonly string[] {
  const file = openForReading(join(run.folder, MAIN_FILE));
  try {
    const incidents = incidentsIn(file);
    return [
      ...courseOf(run),
      ...incidentProblems(incidents, expectedOf(run.day)),
      ...conditionProblems(run, file),
      ...feedProblems(run, file, incidents),
    ];
  } finally {
    file.close();
  }
}

type File = ReturnType<typeof openForReading>;

/** A day on which nothing was killed and no broker went proves nothing. */
function courseOf({ kills, brokerOutages, portal, logged }: DayRun): readonly string[] {
  const sessions = portal.sites[0]?.sessions ?? 0;
  const trouble = logged.filter((line) => !line.includes("the broker is away"));
  return [
    ...(kills === 2 ? [] : [`the agent was killed ${kills} times, not twice`]),
    ...(brokerOutages === 3 ? [] : [`the broker was away ${brokerOutages} times, not three times`]),
    ...(sessions === 3 ? [] : [`the portal saw ${sessions} runs of the agent, not three`]),
    ...trouble.slice(0, 5).map((line) => `the agent's log: ${line}`),
  ];
}

function incidentsIn(file: File): readonly Told[] {
  const members = Map.groupBy(
    file.all(
      `select incident, device, kind from incident_conditions join conditions on conditions.id = condition
        where device is not null order by incident, device`,
    ),
    (row) => integer(row, "incident"),
  );
  return file.all("select * from incidents where cause not like 'coverage:%' order by id").map((row) => {
    const own = members.get(integer(row, "id")) ?? [];
    return {
      id: integer(row, "id"),
      cause: text(row, "cause"),
      kind: text(row, "kind"),
      causeClass: text(row, "cause_class"),
      service: row["service"] === null ? undefined : text(row, "service"),
      isOpen: row["until_ms"] === null,
      devices: new Set(own.map((member) => text(member, "device"))),
      conditions: new Set(own.map((member) => text(member, "kind"))),
    };
  });
}

function incidentProblems(incidents: readonly Told[], expected: readonly Expected[]): readonly string[] {
  const left = new Set(incidents);
  const problems: string[] = [];
  for (const want of expected) {
    const found = incidents.filter((one) => left.has(one) && one.kind === want.kind && touches(one, want));
    const [one, ...more] = found;
    for (const each of found) left.delete(each);
    if (one === undefined) problems.push(`${want.what}: no incident of kind "${want.kind}" holds ${firstOf(want.devices)}`);
    else problems.push(...differences(one, want).map((what) => `${want.what}: incident ${one.id} ${what}`));
    if (more.length > 0) problems.push(`${want.what}: ${found.length} incidents, not one: ${found.map(show).join("; ")}`);
  }
  return [...problems, ...[...left].map((one) => `nobody expected incident ${show(one)}`)];
}

const touches = (one: Told, { devices, conditions }: Expected): boolean =>
  [...one.devices].some((id) => (devices as ReadonlySet<string>).has(id)) && conditions.some((kind) => one.conditions.has(kind));
const firstOf = (devices: ReadonlySet<string>): string => [...devices][0] ?? "nobody";
const show = ({ id, cause, kind, devices, conditions }: Told): string =>
  `${id} (${kind}, ${cause}, ${devices.size} devices, ${[...conditions].join(" and ")})`;

function differences(one: Told, want: Expected): readonly string[] {
  const wanted: ReadonlySet<string> = want.devices;
  const strangers = one.devices.difference(wanted);
  const missing = wanted.difference(one.devices);
  const kinds = one.conditions.difference(new Set(want.conditions));
  return [
    ...(missing.size === 0 ? [] : [`misses ${missing.size} of ${wanted.size} devices: ${[...missing].slice(0, 5).join(", ")}`]),
    ...(strangers.size === 0 ? [] : [`holds ${strangers.size} devices too many: ${[...strangers].slice(0, 5).join(", ")}`]),
    ...(kinds.size === 0 ? [] : [`holds conditions of another kind: ${[...kinds].join(", ")}`]),
    ...(one.causeClass === want.causeClass ? [] : [`has the class "${one.causeClass}", not "${want.causeClass}"`]),
    ...(one.service === want.service ? [] : [`is about service "${one.service}", not "${want.service}"`]),
    ...(one.isOpen === !want.ends ? [] : [want.ends ? "has not ended" : "has ended before its time"]),
  ];
}

/** One condition for one trouble of one device: neither a restart nor a silence may begin it twice. */
function conditionProblems({ day }: DayRun, file: File): readonly string[] {
  const counts = new Map(
    file
      .all("select device || ' ' || kind as name, count(*) as count from conditions where device is not null group by device, kind")
      .map((row) => [text(row, "name"), integer(row, "count")]),
  );
  const once = [
    ...[day.switchLoss.device, ...day.switchLoss.phones, ...day.dead].map(({ id }) => `${id} deviceOffline`),
    ...day.outage.devices.map(({ id }) => `${id} registrationLost`),
    `${day.wear.device.id} partDropping`,
    `${day.flaps.device.id} flapping`,
  ];
  const problems = once.flatMap((name) =>
    counts.get(name) === 1 ? [] : [`condition "${name}" began ${counts.get(name) ?? 0} times, not once`],
  );
  const expected = new Set([...once, `${day.flaps.device.id} deviceOffline`]);
  const strange = [...counts]
    .filter(([name]) => !expected.has(name))
    .map(([name, count]) => `nobody expected condition "${name}" (${count})`);
  // Until it was known to flap each time away was a condition of its own; forty would be one each time.
  const away = counts.get(`${day.flaps.device.id} deviceOffline`) ?? 0;
  return [...problems, ...strange, ...(away <= 3 ? [] : [`the phone that went away ${FLAPS} times has ${away} conditions for it`])];
}

/** The portal has each event exactly once and no gap; it knows every device, and how each incident stands. */
function feedProblems({ portal, fleet }: DayRun, file: File, incidents: readonly Told[]): readonly string[] {
  const book = portal.sites[0];
  if (book === undefined || portal.sites.length !== 1) return [`the portal heard of ${portal.sites.length} sites, not of one`];
  const written = integer(file.one("select value from counters where name = 'event'") ?? {}, "value");
  const waiting = integer(file.one("select count(*) as count from outbox_waiting") ?? {}, "count");
  const { events } = book.events;
  const last = new Map(events.filter(({ type }) => type.includes("incident.")).map((event) => [event.subject, event.type] as const));
  const opened = incidents.map(
    ({ id }) => events.filter((event) => event.subject === `incident-${id}` && event.type.endsWith("incident.opened")).length,
  );
  return [
    ...portal.faults(),
    ...(book.events.clashes === 0 ? [] : [`${book.events.clashes} events clash`]),
    ...(events.length === written ? [] : [`the agent wrote ${written} events, the portal has ${events.length}`]),
    ...(book.events.lastNumber === written ? [] : [`the portal's last event is ${book.events.lastNumber}, not ${written}`]),
    ...(waiting === 0 ? [] : [`${waiting} messages still wait`]),
    ...(book.state === "offline" ? [] : [`after the goodbye the state is "${book.state}"`]),
    ...fleet.devices.filter(({ id }) => !book.documents.has(`device/${id}`)).map(({ id }) => `the portal has no document of ${id}`),
    ...incidents.flatMap(({ id, isOpen }, i) => {
      const told = last.get(`incident-${id}`);
      if (opened[i] === 0) return [`the portal never heard of incident ${id}`];
      return told?.endsWith("incident.closed") === !isOpen
        ? []
        : [`the portal's last word on incident ${id} is ${told}, and it is ${isOpen ? "open" : "over"}`];
    }),
  ];
}
