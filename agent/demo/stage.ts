/**
 * Sets the stage: a temporary folder with keys, roster, channel and settings; the simulated site, the broker and the real
 * daemon as processes of their own. Used by the demonstration and by the tests that need all of it.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelRelease, makeChannel } from "../../fixtures/channel/make.ts";
import { demoReleases } from "../../fixtures/channel/releases.ts";
import { type Clock, DAY, isoOf, type ScaledClockOptions, scaledClock, systemClock } from "../../protocols/core/time.ts";
import { type Answer, askLocal } from "../cli/ask-local.ts";
import { makeKey, type SigningKey } from "../commands/keys.ts";
import { signRoster } from "../commands/roster.ts";
import { startBrokerOf } from "./broker.ts";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type SiteProcess, type SiteReady, startSite } from "./site.ts";

export interface StageOptions {
  readonly seed: number;
  readonly devices: number;
  /** How many of its milliseconds pass in one real one, for agent and site alike. */
  readonly factor: number;
  /** What the shared clock shows at the start. */
  readonly originMs: number;
  readonly broker: string;
  /** Takes everything, and is there and empty; one of its own where none is named. */
  readonly folder?: string;
  /** What the partner's channel holds; the two of the story where nothing is said. */
  readonly releases?: readonly ChannelRelease[];
  /** Goes over the settings made here. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Runs the daemon; another entry is for tests that watch it from inside. */
  readonly agentEntry?: string;
  readonly agentArguments?: readonly string[];
  /** Real milliseconds that a start of the daemon may take. */
  readonly readyWithinMs?: number;
  readonly onPart: (part: string, detail: string) => void;
  /** Before the daemon starts: a portal that wants to hear everything listens from here on. */
  readonly beforeAgent?: (broker: { readonly port: number }) => Promise<void>;
}

export interface Person {
  readonly id: string;
  readonly key: SigningKey;
}

export interface Stage {
  readonly folder: string;
  readonly site: SiteProcess;
  readonly siteId: "contoso-zh";
  readonly clock: Clock;
  readonly socket: string;
  readonly configPath: string;
  readonly brokerUrl: string;
  readonly relay: Relay;
  readonly technician: Person;
  readonly approver: Person;
  readonly secondApprover: Person;
  readonly stranger: Person;
  readonly agent: () => Child;
  /** Asks the daemon through its socket, as the command line does. */
  ask(name: string, args?: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Starts the daemon (again); `stop` kills it, while it starts too. */
  startAgent(extra?: readonly string[], stop?: AbortSignal): Promise<Child>;
  close(options?: { readonly keepFolder?: boolean }): Promise<void>;
}

const AGENT_ENTRY = join(import.meta.dirname, "../main.ts");
const READY_WITHIN_MS = 30_000;

export async function setStage(options: StageOptions): Promise<Stage> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "groundswell-")));
  const opened: { close(): Promise<void> }[] = [];
  const closeAll = async (): Promise<void> => {
    for (const part of opened.reverse()) await part.close();
  };
  try {
    return await build(options, { folder, opened, closeAll });
  } catch (error) {
    await closeAll();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Ground {
  readonly folder: string;
  readonly opened: { close(): Promise<void> }[];
  closeAll(): Promise<void>;
}

async function build(options: StageOptions, { folder, opened, closeAll }: Ground): Promise<Stage> {
  const { factor, originMs, onPart } = options;
  const realNowMs = systemClock().nowMs();
  const clockOptions = { factor, originMs, realOriginMs: realNowMs };
  const channelFolder = join(folder, "channel");
  const { rootPath } = await makeChannel({
    folder: channelFolder,
    nowMs: realNowMs,
    releases: options.releases ?? demoReleases(),
    version: 1,
  });
  const provisioningPort = await freePort();
  const provisioning = `http://127.0.0.1:${provisioningPort}/`;
  const site = await startSite({ seed: options.seed, devices: options.devices, provisioning, clock: clockOptions, channelFolder });
  opened.push({ close: () => site.end() });
  onPart("simulated site", `${options.devices} devices on ${site.ready.networks.join(", ")}`);
  const broker = await startBrokerOf(options.broker, folder);
  opened.push(broker);
  const relay = await startRelay({ host: "127.0.0.1", port: broker.port });
  opened.push(relay);
  onPart("broker", `${broker.name} on 127.0.0.1:${broker.port}`);
  const clock = scaledClock(clockOptions);
  const people = await makePeople(folder, clock.nowMs());
  const socket = join(folder, "agent.sock");
  const made = { site: site.ready, folder, rootPath, provisioningPort, brokerPort: relay.port, clockOptions, socket };
  const settings = { ...(await makeSettings({ ...made, rootKeys: people.rootKeys })), ...options.settings };
  const configPath = join(folder, "config.yaml");
  await writeFile(configPath, `${JSON.stringify(settings, null, 2)}\n`);
  let agent: Child | undefined;
  const startAgent = async (extra: readonly string[] = [], stop?: AbortSignal): Promise<Child> => {
    agent = await startChild({
      name: "the agent",
      argv: [options.agentEntry ?? AGENT_ENTRY, "run", "--config", configPath, ...extra],
      readyWithinMs: options.readyWithinMs ?? READY_WITHIN_MS,
      ...(stop === undefined ? {} : { stop }),
      // A daemon that is started again and again need not read the same sources anew.
      environment: { NODE_COMPILE_CACHE: join(folder, "compile-cache") },
    });
    return agent;
  };
  await options.beforeAgent?.(broker);
  await startAgent(options.agentArguments);
  opened.push({ close: async () => agent?.end() });
  onPart("agent", `settings ${configPath}`);
  const { technician, approver, secondApprover, stranger } = people;
  return {
    ...{ folder, site, clock, socket, configPath, relay, startAgent, technician, approver, secondApprover, stranger },
    siteId: "contoso-zh",
    brokerUrl: `mqtt://127.0.0.1:${broker.port}`,
    agent: () => agent as Child,
    ask: (name, args = {}) => askLocal(socket, { name, args }, AbortSignal.timeout(60_000)),
    async close({ keepFolder = false } = {}) {
      await closeAll();
      if (!keepFolder) await rm(folder, { recursive: true, force: true });
    },
  };
}

interface People {
  readonly technician: Person;
  readonly approver: Person;
  readonly secondApprover: Person;
  /** Has a key, and is in no roster. */
  readonly stranger: Person;
  readonly rootKeys: readonly string[];
}

async function makePeople(folder: string, nowMs: number): Promise<People> {
  const roots = [await makeKey(), await makeKey(), await makeKey()];
  const person = async (id: string): Promise<Person> => ({ id, key: await makeKey() });
  const [technician, approver] = [await person("j.doe"), await person("m.roe")];
  const [secondApprover, stranger] = [await person("r.poe"), await person("mallory")];
  const entry = ({ id, key }: Person, role: "technician" | "approver") => ({
    id,
    name: id,
    role,
    keys: [{ kid: key.kid, publicKey: key.publicKey }],
  });
  const roster = signRoster(
    {
      schema: "groundswell.roster/1",
      sites: "*",
      version: 1,
      issuedAt: isoOf(nowMs),
      expiresAt: isoOf(nowMs + 30 * DAY),
      people: [entry(technician, "technician"), entry(approver, "approver"), entry(secondApprover, "approver")],
    },
    roots.slice(0, 2),
  );
  await writeFile(join(folder, "roster.json"), roster);
  return { technician, approver, secondApprover, stranger, rootKeys: roots.map(({ publicKey }) => publicKey) };
}

interface SettingsInput {
  readonly site: SiteReady;
  readonly folder: string;
  readonly rootPath: string;
  readonly provisioningPort: number;
  readonly brokerPort: number;
  readonly clockOptions: ScaledClockOptions;
  readonly rootKeys: readonly string[];
  readonly socket: string;
}

async function makeSettings(input: SettingsInput): Promise<Record<string, unknown>> {
  const { site, folder } = input;
  const secrets = join(folder, "secrets");
  await mkdir(secrets, { mode: 0o700 });
  const secret = async (name: string, value: unknown): Promise<string> => {
    const path = join(secrets, name);
    await writeFile(path, `${String(value)}\n`, { mode: 0o600 });
    return path;
  };
  const { credentials } = site;
  const password = async (id: string, family: string, user: unknown, value: unknown) => ({
    id,
    kind: "password",
    user,
    passwordFile: await secret(id, value),
    families: [family],
  });
  return {
    site: { id: "contoso-zh", name: "Contoso AG, Zürich", environment: "demo" },
    dataDirectory: join(folder, "data"),
    socket: input.socket,
    networks: site.networks,
    ports: site.ports,
    credentials: [
      await password("phones", "uc-phone", credentials["phoneUser"], credentials["phonePassword"]),
      await password("rooms", "video-os", credentials["roomUser"], credentials["roomPassword"]),
      await password("groups", "group", credentials["groupUser"], credentials["groupPassword"]),
      { id: "switches", kind: "community", communityFile: await secret("switches", credentials["community"]) },
    ],
    switches: [site.switch],
    places: site.places.map(({ mac, name, room, floor, duties }) => ({ mac, name, room, floor, duties })),
    adopt: "all",
    sweep: { every: "1h" },
    channel: { url: site.channel?.url, rootFile: input.rootPath, every: "1h" },
    provisioning: { host: "127.0.0.1", port: input.provisioningPort },
    calendar: { zone: "Europe/Zurich", windows: [{ days: ["sun"], from: "01:00", to: "05:00" }], blackout: [] },
    mqtt: { url: `mqtt://127.0.0.1:${input.brokerPort}`, username: "contoso-zh" },
    commands: { rootKeys: input.rootKeys, rosterFile: join(folder, "roster.json") },
    tickets: {
      webhook: {
        url: site.desk.url,
        lookupUrl: new URL("/tickets", site.desk.url).href,
        secretFile: await secret("desk", site.desk.secret),
      },
    },
    clock: input.clockOptions,
    log: { level: "info" },
  };
}
