/**
 * A look at a channel through the agent's own reader, with a memory that is thrown away.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseMetadata, type Standing, standingOf } from "../../firmware/channel/metadata.ts";
import { ROLE_NAMES, type RoleName } from "../../firmware/channel/roles.ts";
import { channelSource } from "../../firmware/sources/channel.ts";
import type { ChannelPlace } from "../../firmware/sources/channel-files.ts";
import { rememberedOf } from "../../firmware/sources/metadata-cache.ts";
import type { SourceCatalogue, SourceFault } from "../../firmware/sources/source.ts";
import { ok, type Result } from "../../protocols/core/fault.ts";
import { AGENT_VERSION } from "../version.ts";
import type { CliIo } from "./context.ts";

export interface RoleLook extends Standing {
  readonly role: RoleName;
  readonly version: number;
  readonly expires: string;
}

export interface Look {
  readonly catalogue: SourceCatalogue;
  readonly roles: readonly RoleLook[];
}

export async function lookAt(from: ChannelPlace, rootPath: string, io: Pick<CliIo, "stop" | "clock">): Promise<Result<Look, SourceFault>> {
  const cacheFolder = await mkdtemp(join(tmpdir(), "groundswell-look-"));
  try {
    const read = await channelSource({ from, rootPath, cacheFolder, agentVersion: AGENT_VERSION, clock: io.clock }).read(
      undefined,
      io.stop,
    );
    if (!read.ok) return read;
    return ok({ catalogue: read.value, roles: rolesIn(await rememberedOf(cacheFolder, rootPath)) });
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** What was verified, as people ask for it: which version, until when, by whom. */
function rolesIn(remembered: ReadonlyMap<string, Buffer>): readonly RoleLook[] {
  const root = parseMetadata("root", remembered.get("root") ?? Buffer.alloc(0));
  if (root === undefined) return [];
  return ROLE_NAMES.flatMap((role) => {
    const metadata = parseMetadata(role, remembered.get(role) ?? Buffer.alloc(0));
    if (metadata === undefined) return [];
    const { version, expires } = metadata.signed;
    return [{ role, version, expires, ...standingOf(metadata, role, root) }];
  });
}
