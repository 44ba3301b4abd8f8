/**
 * What a person can do where a source of firmware cannot be read. Pure.
 */
import type { SourceFault, SourceKind } from "../../firmware/sources/source.ts";
import { showFault } from "../../protocols/core/fault.ts";

const SETTINGS: Readonly<Record<SourceKind, string>> = {
  channel: "channel",
  folder: "firmware.sources.folder",
  portal: "firmware.sources.portal",
  "vendor-catalogue": "firmware.sources.vendorCatalogue",
  lens: "the section lens",
};

/** The fault in one line, and after an arrow what to do about it. */
export function sourceTrouble(source: SourceKind, fault: SourceFault): string {
  return `${showFault(fault)} → ${advice(source, fault)}`;
}

function advice(source: SourceKind, { kind, name }: SourceFault): string {
  const setting = SETTINGS[source];
  if (kind === "off") return `look at ${setting}`;
  if (kind === "busy") return "nothing to do: it is asked again by itself";
  if (source === "folder")
    return name === "oversized" ? "take away what is not firmware" : `is ${setting}.folder there, and may the agent read it?`;
  switch (name) {
    case "denied":
      return source === "portal" ? `look at ${setting}.user and passwordFile, then restart the agent` : `look at the log-in in ${setting}`;
    case "slow":
    case "unreachable":
      return `can this machine reach the address in ${setting}? It is asked again by itself`;
    case "garbled":
    case "mixed":
      return `is the address in ${setting} the right one? Whoever runs it should look at what it answers`;
    case "oversized":
      return "whoever runs it should shorten what it lists";
    case "expired":
    case "rollback":
      return "whoever publishes the channel has to publish anew";
    case "signature":
    case "pin":
      return "is channel.rootFile the one you were given? Ask whoever publishes the channel before you change it";
  }
}
