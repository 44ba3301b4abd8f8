/**
 * The simulated site with one of every model, and the driver's own clients to probe it with: both sides meet here and nowhere else.
 */
import type { SimDevice } from "../../fixtures/site/device.ts";
import { type RunningSite, startSite } from "../../fixtures/site/site.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { systemClock } from "../../protocols/core/time.ts";
import type { FamilyIo, Target } from "../../protocols/families/family.ts";
import { type Identified, identifyDevice } from "../../protocols/families/identify.ts";
import { createHttpClient } from "../../protocols/http/client.ts";
import { createSipClient } from "../../protocols/sip/probe.ts";
import { createSnmpClient } from "../../protocols/snmp/client.ts";
import { createSshClient } from "../../protocols/ssh/client.ts";
import { createTelnetClient } from "../../protocols/telnet/client.ts";

/** The account of state polling, where a phone has one. */
export const POLLING = { user: "poller", password: "poll-canary" };
export const POLLING_PARAMS = { "apps.statePolling.username": POLLING.user, "apps.statePolling.password": POLLING.password };

/** Of these models the chassis tells the maker's order number. */
export const ORDER_NUMBERS: Readonly<Record<string, string>> = {
  "2530-24G-PoEP": "J9773A",
  "6300M": "JL661A",
  ISR4331: "ISR4331/K9",
};

/** Real milliseconds a visit may take; no limit of the code's own is longer. */
const VISIT_MS = 60_000;
/** Real milliseconds a door may stay silent once another has answered: on loopback an answer takes a few, on a busy machine a second. */
const PATIENCE_MS = 1_000;

/** A device as the site's own list shows it. */
export interface Row {
  readonly mac: string;
  readonly serial: string;
  readonly kind: SimDevice["kind"];
  readonly family: string;
  readonly model: string;
  readonly partNumber: string;
  readonly running: string;
  readonly updater: string;
  readonly build: string;
  readonly lines: readonly { readonly address: string; readonly registered: boolean }[];
}

export interface EverySite {
  readonly running: RunningSite;
  readonly devices: readonly SimDevice[];
  ofKind(...kinds: readonly SimDevice["kind"][]): readonly SimDevice[];
  /** What the site says of all its devices. */
  truth(): Promise<readonly Row[]>;
  /** By the site's control door. */
  control(device: SimDevice, action: string, body?: Readonly<Record<string, unknown>>): Promise<void>;
  probe(device: SimDevice, more?: Partial<Target>): Promise<Identified>;
  close(): Promise<void>;
}

export async function openEverySite(seed = 3): Promise<EverySite> {
  const clock = systemClock();
  const running = await startSite({ seed, devices: 1, mix: "every", provisioning: undefined, channelFolder: undefined, clock });
  const { site, ready } = running;
  const io = openIo(seed);
  const credentials = credentialsOf(running);
  return {
    running,
    devices: site.devices,
    ofKind: (...kinds) => site.devices.filter(({ kind }) => kinds.includes(kind)),
    truth: async () => (await fetch(`${ready.control}/devices`)).json() as Promise<readonly Row[]>,
    async control(device, action, body = {}) {
      const answer = await fetch(`${ready.control}/devices/${device.mac}/${action}`, { method: "POST", body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`the control door refused ${action}: ${await answer.text()}`);
    },
    probe({ address }, more = {}) {
      const target = { address, ports: site.ports, credentials, trust: "any", telnet: true, patienceMs: PATIENCE_MS, ...more } as const;
      return identifyDevice(target, io, AbortSignal.timeout(VISIT_MS));
    },
    async close() {
      await io.close();
      await running.close();
    },
  };
}

/** A password for each kind, as a site's settings have them: none is meant for the others. */
export function credentialsOf({ site: { secrets } }: RunningSite): readonly Credential[] {
  const password = (id: string, user: string, text: string, families: readonly string[]): Credential => ({
    kind: "password",
    id,
    user,
    password: new Secret(text),
    families,
  });
  return [
    password("phones", secrets.phoneUser, secrets.phonePassword, ["uc-phone", "soundpoint"]),
    password("polling", POLLING.user, POLLING.password, ["state-polling"]),
    password("rooms", secrets.roomUser, secrets.roomPassword, ["video-os"]),
    password("groups", secrets.groupUser, secrets.groupPassword, ["group", "hdx"]),
    { kind: "community", id: "community", community: new Secret(secrets.community) },
  ];
}

/** Without a memory of refusals, silences or boards: every visit starts afresh. */
export function openIo(seed: number): FamilyIo & { close(): Promise<void> } {
  const clock = systemClock();
  const random = seededRandom(seed);
  const clients = {
    http: createHttpClient({ random }),
    sip: createSipClient({ clock, random }),
    ssh: createSshClient(),
    telnet: createTelnetClient(),
    snmp: createSnmpClient({ clock, random }),
  };
  return {
    ...clients,
    clock,
    async close() {
      await Promise.all(Object.values(clients).map((client) => client.close()));
    },
  };
}
