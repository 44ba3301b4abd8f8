/**
 * The sources of firmware as the settings name them: which there are, what their thread is given, and the loops that read them.
 */
import { join } from "node:path";
import type { UnsignedKind } from "../../firmware/sources/source.ts";
import type { Clock } from "../../protocols/core/time.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../log.ts";
import { type Loop, startLoop } from "../loop.ts";
import type { Parts } from "../parts.ts";
import type { PlainSources } from "../threads/depot-requests.ts";
import type { Sources } from "./sources.ts";

type Settings = Config["firmware"]["sources"];

const everyMsOf = ({ folder, portal, vendorCatalogue, lens }: Settings): Readonly<Record<UnsignedKind, number | undefined>> => ({
  folder: folder?.every,
  portal: portal?.every,
  "vendor-catalogue": vendorCatalogue?.every,
  lens: lens?.every,
});

export function kindsOf(settings: Settings): readonly UnsignedKind[] {
  return Object.entries(everyMsOf(settings)).flatMap(([kind, everyMs]) => (everyMs === undefined ? [] : [kind as UnsignedKind]));
}

/** What the depot thread is given; nothing where it reads none of them. */
export function plainSourcesOf({ config, secrets }: Pick<Parts, "config" | "secrets">): { readonly sources?: PlainSources } {
  const { folder, portal, vendorCatalogue } = config.firmware.sources;
  const { firmwarePortalPassword: password, firmwarePortalCa: portalCa, vendorCatalogueCa } = secrets;
  if (folder === undefined && portal === undefined && vendorCatalogue === undefined) return {};
  const account =
    portal === undefined || password === undefined ? undefined : { url: portal.url, user: portal.user, password: password.reveal() };
  return {
    sources: {
      quarantineFolder: join(config.dataDirectory, "quarantine"),
      documentsFolder: join(config.dataDirectory, "documents"),
      quarantineBudgetBytes: config.firmware.quarantineBudgetBytes,
      ...(folder === undefined ? {} : { folder: folder.folder }),
      ...(account === undefined ? {} : { portal: { ...account, ...(portalCa === undefined ? {} : { ca: portalCa }) } }),
      ...(vendorCatalogue === undefined
        ? {}
        : {
            vendorCatalogue: {
              url: vendorCatalogue.url,
              origins: vendorCatalogue.origins,
              ...(vendorCatalogueCa === undefined ? {} : { ca: vendorCatalogueCa }),
            },
          }),
    },
  };
}

/** One loop each: one that waits long for an answer keeps nobody else waiting. */
export function startSources(config: Pick<Config, "firmware">, io: { readonly clock: Clock; readonly log: Log }, sources: Sources): Loop[] {
  const every = everyMsOf(config.firmware.sources);
  return sources.kinds.map((kind) =>
    startLoop(
      { name: `firmware from ${kind}`, everyMs: every[kind] ?? 0, ...io },
      async (signal) => void (await sources.read(kind, signal)),
    ),
  );
}
