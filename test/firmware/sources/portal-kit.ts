/** The simulated portal's firmware and the agent's adapter to it, over loopback; waits take no time. */
import { onTestFinished } from "vitest";
import { type PortalSource, portalSource } from "../../../firmware/sources/portal.ts";
import type { Offering } from "../../../firmware/sources/source.ts";
import { openSupportFirmware, type PortalEntry, type SupportFirmware } from "../../../fixtures/site/support-firmware.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { createHttpClient } from "../../../protocols/http/client.ts";
import { bytesOf, notingPace, passingClock } from "../staging/kit.ts";

export const FILE = bytesOf(300_000, 7);

export function entry(changes: Partial<PortalEntry> = {}): PortalEntry {
  return {
    id: "ucs-648",
    title: "UC Software 6.4.8",
    version: "6.4.8.1190",
    models: ["VVX 450"],
    partNumbers: ["3111-48450-001"],
    fileName: "3111-48450-001.sip.ld",
    bytes: FILE,
    ...changes,
  };
}

export interface PortalStage {
  readonly portal: SupportFirmware;
  readonly source: PortalSource;
  readonly clock: ReturnType<typeof passingClock>;
}

export async function portalStage(...entries: readonly PortalEntry[]): Promise<PortalStage> {
  const portal = await openSupportFirmware();
  portal.entries = [...entries];
  const random = seededRandom(3);
  const http = createHttpClient({ random });
  onTestFinished(async () => {
    await http.close();
    await portal.close();
  });
  const clock = passingClock();
  const account = { url: new URL(portal.url), user: portal.user, password: new Secret(portal.password) };
  return { portal, clock, source: portalSource(account, { http, clock, wall: systemClock(), random, pace: notingPace() }) };
}

export async function firstOffering({ source }: PortalStage, signal: AbortSignal): Promise<Offering> {
  const read = await source.read(signal);
  const [offering] = read.ok ? read.value.offerings : [];
  if (offering === undefined) throw new Error("nothing is offered");
  return offering;
}
