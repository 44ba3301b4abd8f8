/**
 * A simulated phone and the provisioning server it visits.
 */
import { expect, vi } from "vitest";
import { buildImage } from "../../fixtures/site/image.ts";
import { openPhones, type PhoneStage, type StagePhone } from "./phone-stage.ts";
import { type FileAnswer, type FileServer, openFiles } from "./provisioning-files.ts";

const closers: { close(): Promise<void> }[] = [];

export const keepOpen = (...more: readonly { close(): Promise<void> }[]): void => void closers.push(...more);

/** After each test. */
export async function closeStands(): Promise<void> {
  for (const each of closers.splice(0)) await each.close();
}

export interface Stand {
  readonly stage: PhoneStage;
  readonly server: FileServer;
  readonly files: Record<string, FileAnswer>;
  /** Boots and waits for the last request of the visit. */
  boot(last: string): Promise<void>;
  what(): readonly string[];
}

export async function openStand(draft: StagePhone, files: Record<string, FileAnswer>): Promise<Stand> {
  const server = await openFiles((line) => files[line] ?? (line.startsWith("PUT ") ? { status: 201 } : undefined));
  const stage = await openPhones([draft], { provisioning: server.url, factor: 2_000 });
  closers.push(stage, server);
  return {
    stage,
    server,
    files,
    async boot(last) {
      stage.phone.restart("test");
      await vi.waitFor(() => expect(server.lines()).toContain(last), { timeout: 5_000 });
    },
    what: () => stage.journal().map(({ what, detail }) => (detail === undefined ? what : `${what}: ${detail}`)),
  };
}

export const ok = (body: string | Buffer): FileAnswer => ({ status: 200, body });
export const master = (attributes: string): FileAnswer => ok(`<?xml version="1.0" standalone="yes"?>\n<APPLICATION ${attributes}/>\n`);
export const imageOf = (version: string, partNumbers: readonly string[] = []): FileAnswer =>
  ok(buildImage({ header: { version, partNumbers }, sizeBytes: 20_000, seed: 1 }));
export const settled = { timeout: 5_000, interval: 10 };
