/** Real clients for tests of families against loopback devices, and a target whose shut doors are really shut. */

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { seededRandom } from "../../protocols/core/random.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { manualClock } from "../../protocols/core/time.ts";
import type { FamilyIo, Target } from "../../protocols/families/family.ts";
import { createRefusals } from "../../protocols/families/refusals.ts";
import { createHttpClient } from "../../protocols/http/client.ts";
import { createSipClient } from "../../protocols/sip/probe.ts";
import { createSnmpClient } from "../../protocols/snmp/client.ts";
import { createSshClient } from "../../protocols/ssh/client.ts";
import { createTelnetClient } from "../../protocols/telnet/client.ts";

/** 22 November 2026, 12:00 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 22, 12);
export const PASSWORD = "s3cret-canary";

export function familyIo(): FamilyIo & { close(): Promise<void> } {
  const clock = manualClock(NOW_MS);
  const random = seededRandom(7);
  const io = {
    http: createHttpClient({ random }),
    sip: createSipClient({ clock, random }),
    ssh: createSshClient(),
    telnet: createTelnetClient(),
    snmp: createSnmpClient({ clock, random, timeoutMs: 500 }),
    clock,
    refusals: createRefusals(),
  };
  return {
    ...io,
    close: async () => {
      await Promise.all([io.http.close(), io.sip.close(), io.ssh.close(), io.telnet.close(), io.snmp.close()]);
    },
  };
}

/** A TCP port that was free a moment ago and that nobody listens on. */
export async function shutPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const credential: Credential = { kind: "password", id: "site", user: "Polycom", password: new Secret(PASSWORD) };

export async function targetAt(ports: Partial<Target["ports"]>, more: Partial<Target> = {}): Promise<Target> {
  const shut = await shutPort();
  return {
    address: "127.0.0.1",
    ports: { https: shut, http: shut, snmp: shut, ssh: shut, telnet: shut, sip: shut, ...ports },
    credentials: [credential],
    trust: "any",
    ...more,
  };
}
