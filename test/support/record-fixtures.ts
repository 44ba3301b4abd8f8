/**
 * The recorded devices that stand in for real ones until real ones are recorded: each kind of the simulated site, from one seed and
 * with a clock that stands still, so that the same site gives the same files. `npm run fixtures` writes them.
 */
import { join } from "node:path";
import { openFamilyIo } from "../../agent/cli/device-options.ts";
import { prepare, writeFolder } from "../../agent/recording/folder.ts";
import { placeOf } from "../../agent/recording/format.ts";
import { secretsOf, visitAndRecord } from "../../agent/recording/visit.ts";
import type { Site, SiteSecrets } from "../../fixtures/site/device.ts";
import { startSite } from "../../fixtures/site/site.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { MINUTE, manualClock } from "../../protocols/core/time.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures");
const SEED = 5;
const AT_MS = Date.UTC(2026, 10, 22, 12);

/** A new kind of the simulated site is a row here. */
interface Row {
  /** As the site's plan spells it; the first of that model is recorded. */
  readonly model: string;
  /** User and password; without it the community alone. */
  readonly login?: (secrets: SiteSecrets) => readonly [user: string, password: string];
  /** Doors asked at another port, to find them shut. */
  readonly ports?: (site: Site) => Partial<Site["ports"]>;
  /** Sets two recordings of one model and version apart. */
  readonly suffix?: string;
  readonly telnet?: boolean;
}

const PHONE: Row["login"] = ({ phoneUser, phonePassword }) => [phoneUser, phonePassword];
const ROOM: Row["login"] = ({ roomUser, roomPassword }) => [roomUser, roomPassword];
const GROUP: Row["login"] = ({ groupUser, groupPassword }) => [groupUser, groupPassword];

export const ROWS: readonly Row[] = [
  { model: "VVX 450", login: PHONE },
  { model: "VVX 411", login: PHONE },
  { model: "VVX 400", login: PHONE },
  { model: "Trio 8800", login: PHONE },
  { model: "CCX 600", login: PHONE },
  { model: "Edge E350", login: PHONE },
  { model: "SoundPoint IP 550", login: PHONE },
  { model: "SoundPoint IP 601", login: PHONE },
  { model: "StudioX50", login: ROOM },
  { model: "G7500", login: ROOM },
  { model: "RealPresence Group 500", login: GROUP },
  // Nothing listens there: its HTTPS is shut, and the command line stands in.
  { model: "RealPresence Group 500", login: GROUP, ports: shutHttps, suffix: "cli" },
  { model: "HDX 9006", login: GROUP },
  { model: "RMX" },
  { model: "Access switch" },
];

/** A port of the site that is for other servers than this one. */
function shutHttps({ ports }: Site): Partial<Site["ports"]> {
  return { https: ports.snmp };
}

export interface RecordedRow {
  /** `uc-phone/vvx-450_6.4.6.2494`, below `fixtures/`. */
  readonly place: string;
  readonly files: ReadonlyMap<string, string>;
}

/** A site of its own for each row, so that a new row changes no other. */
export async function recordRow(row: Row): Promise<RecordedRow> {
  const clock = manualClock(AT_MS);
  const running = await startSite({ seed: SEED, devices: 0, mix: "every", provisioning: undefined, channelFolder: undefined, clock });
  const io = await openFamilyIo({ clock }, seededRandom(SEED));
  try {
    const { site } = running;
    const device = site.devices.find(({ model }) => model === row.model);
    if (device === undefined) throw new Error(`The simulated site has no ${row.model}`);
    const credentials = credentialsFor(row, site.secrets);
    const ports = { ...site.ports, ...row.ports?.(site) };
    const { telnet = false } = row;
    const target = { address: device.address, ports, trust: "any" as const, credentials, telnet };
    const { recording } = await visitAndRecord(target, io, AbortSignal.timeout(MINUTE));
    const place = `${placeOf(recording.expected)}${row.suffix === undefined ? "" : `_${row.suffix}`}`;
    const { files, leaks } = prepare(recording, secretsOf(credentials), place);
    if (leaks.length > 0) throw new Error(`${place}: ${leaks.map(({ file, kind }) => `${kind} in ${file}`).join(", ")}`);
    return { place, files };
  } finally {
    await Promise.all([io.close(), running.close()]);
  }
}

function credentialsFor(row: Row, secrets: SiteSecrets): readonly Credential[] {
  const community: Credential = { kind: "community", id: "community", community: new Secret(secrets.community) };
  if (row.login === undefined) return [community];
  const [user, password] = row.login(secrets);
  const login: Credential = { kind: "password", id: "password", user, password: new Secret(password) };
  return [login, community];
}

if (process.argv.includes("--write")) {
  for (const row of ROWS) {
    const { place, files } = await recordRow(row);
    const written = await writeFolder(join(FIXTURES, place), files, { force: true });
    process.stdout.write(`fixtures/${place}: ${written.ok ? `${files.size} files` : JSON.stringify(written.fault)}\n`);
  }
}
