/** What must hold between sources of firmware and other settings. Pure. */
import { error, type Related } from "./related.ts";
import type { Config } from "./schema.ts";

export function firmwareRelations({ firmware, lens, dataDirectory }: Partial<Config>): Related[] {
  const { folder, lens: offers, vendorCatalogue } = firmware?.sources ?? {};
  const at = (...parts: readonly string[]): readonly string[] => ["firmware", "sources", ...parts];
  const found: Related[] = [];
  if (offers !== undefined && lens === undefined)
    found.push(error(at("lens"), "there is no account of Lens to ask", "give the section lens"));
  if (folder !== undefined && dataDirectory !== undefined && isWithin(folder.folder, dataDirectory))
    found.push(error(at("folder", "folder"), "lies in the agent's own data directory", "use a folder of its own, such as /srv/firmware"));
  if (vendorCatalogue !== undefined) {
    const { username, password, search, hash } = new URL(vendorCatalogue.url);
    if (username !== "" || password !== "") found.push(error(at("vendorCatalogue", "url"), "holds a user or password"));
    if (search !== "" || hash !== "") found.push(error(at("vendorCatalogue", "url"), "holds more than a path", "end it with the folder"));
  }
  return found;
}

function isWithin(inner: string, outer: string): boolean {
  const slashed = (text: string): string => (text.endsWith("/") ? text : `${text}/`);
  return slashed(inner).startsWith(slashed(outer));
}
