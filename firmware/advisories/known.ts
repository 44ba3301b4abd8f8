/**
 * Known vulnerabilities of devices: whom they concern, which versions, what makes them reachable. Data. A range is set only where a
 * document prints one; where none does, a device of the model is a possible one, never a safe one.
 */
import type { Version } from "../../protocols/core/version.ts";
import type { Sourced } from "../catalogue/hardware.ts";

/** What somebody on the network needs before it can be used. */
export type ReachId = "ice" | "adb" | "web" | "factoryPassword";

export const REACH: Readonly<Record<ReachId, string>> = {
  ice: "ICE is switched on",
  adb: "TCP 5555 (Android debugging) is open",
  web: "its web pages or REST interface answer",
  factoryPassword: "the factory password is still set",
};

/** Versions of the application. `after` and `below` do not belong to it themselves. */
export interface Affects extends Sourced {
  readonly models: readonly string[];
  readonly versions: { readonly after?: Version; readonly min?: Version; readonly below?: Version } | "unknown";
  /** The first that is fixed, where a document says so. */
  readonly fixedIn?: Version;
}

export interface Advisory {
  readonly id: string;
  /** Other names of it. */
  readonly also: readonly string[];
  readonly title: string;
  readonly affects: readonly Affects[];
  /** All of these are needed, as far as documents say. */
  readonly reach: readonly ReachId[];
}

const RCE = { mark: "confirmed", source: "protocols/uc-phones.md 10 (HP advisory digest AV26-539); security.md 6" } as const;
const UNMARKED = { mark: "uncertain", source: "security.md 6, without its source" } as const;

/** Source: each entry's own. */
export const ADVISORIES: readonly Advisory[] = [
  {
    id: "CVE-2026-0826",
    also: ["HPSBPY04083"],
    title: "Code execution without a password while ICE is on",
    affects: [
      { models: ["VVX 150", "VVX 250", "VVX 350", "VVX 450"], versions: { below: "6.4.8" }, fixedIn: "6.4.8", ...RCE },
      { models: ["Trio 8300"], versions: { below: "8.1.7" }, fixedIn: "8.1.7", ...RCE },
      { models: ["Trio 8500", "Trio 8800"], versions: { below: "7.2.8" }, fixedIn: "7.2.8", ...RCE },
    ],
    reach: ["ice"],
  },
  {
    id: "CVE-2024-3281",
    also: [],
    title: "Android debugging open to the network",
    affects: [{ models: ["CCX *"], versions: { after: "8.0.2.3267", below: "8.1.3.1301" }, fixedIn: "8.1.3.1301", ...UNMARKED }],
    reach: ["adb"],
  },
  {
    id: "SYSS-2024-004",
    also: [],
    title: "Android debugging open and the device's key file readable",
    affects: [
      {
        models: ["CCX *"],
        versions: { below: "8.0.2.2367" },
        fixedIn: "8.0.2.2367",
        mark: "confirmed",
        source: "protocols/uc-phones.md 1 and 10 (SYSS-2024-004)",
      },
    ],
    reach: ["adb"],
  },
  {
    id: "CVE-2023-4462",
    also: ["CVE-2023-4463", "CVE-2023-4464", "CVE-2023-4465", "CVE-2023-4466", "CVE-2023-4467", "CVE-2023-4468"],
    title: "Diagnostics and import of configuration, a set of seven",
    affects: [
      {
        models: ["Trio *", "CCX *", "Edge E*", "VVX *"],
        versions: "unknown",
        mark: "uncertain",
        source: "protocols/uc-phones.md 10; security.md 6",
      },
    ],
    reach: ["web"],
  },
  {
    id: "CVE-2021-41322",
    also: [],
    title: "A fault of release 5.3.1 of VVX 400 and 410",
    affects: [{ models: ["VVX 400", "VVX 410"], versions: { min: "5.3.1", below: "5.3.2" }, ...UNMARKED }],
    reach: ["web"],
  },
  {
    id: "CVE-2019-12948",
    also: [],
    title: "Whoever has the administrator's password can run code",
    affects: [
      {
        models: ["VVX *", "Trio *", "CCX *", "Edge E*", "SoundPoint IP *", "SoundStation *"],
        versions: "unknown",
        mark: "uncertain",
        source: "security.md 6; protocols/uc-phones.md 10 (an older advisory on all UCS phones)",
      },
    ],
    reach: ["web", "factoryPassword"],
  },
];
