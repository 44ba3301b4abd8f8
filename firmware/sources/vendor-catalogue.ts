/**
 * The catalogue phones read for their "Software upgrade" page: versions, and the folders their images lie in. It tells of them;
 * a file of it can be fetched into quarantine. Source: protocols/lens-and-portal.md 7; protocols/uc-phones.md 5.
 */
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { SECOND } from "../../protocols/core/time.ts";
import { CATALOGUE_FILE, type CatalogueImage, readImageCatalogue } from "../../protocols/provisioning/image-catalogue.ts";
import { type BringIo, bring } from "../staging/bring.ts";
import { fetchBytes } from "../staging/get.ts";
import { asSourceFault, type Offering, type RefusedRelease, type SourceFault, type UnsignedSource } from "./source.ts";

export interface VendorCatalogueOptions {
  /** As a phone's `upgrade.plcm.server.url`: a folder that holds `ucs.xml`, or the file itself. */
  readonly url: URL;
  readonly ca?: string;
  /** Where images may lie, besides the catalogue's own origin. */
  readonly origins: readonly string[];
}

/** Poly's own catalogue is a few kilobytes; a line that brings less than that in ten seconds brings no firmware either. */
const CATALOGUE_LIMITS = { bytes: 1024 * 1024, timeMs: 30 * SECOND, windowMs: 10 * SECOND, windowBytes: 1_000 };
const partNumberForm = /^\d{4}-\d{5}-\d{3}$/;

export function vendorCatalogueSource(options: VendorCatalogueOptions, io: BringIo): UnsignedSource {
  const url = catalogueUrl(options.url);
  const via = url.protocol === "https:" ? "https" : "http";
  const ca = options.ca === undefined ? {} : { ca: options.ca };
  const allowed = new Set([url.origin, ...options.origins]);
  return {
    kind: "vendor-catalogue",
    async read(signal) {
      const got = await fetchBytes({ url, ...ca }, CATALOGUE_LIMITS, io.wall, signal);
      if (!got.ok) return fail(asSourceFault(got.fault));
      const { status, body } = got.value;
      if (status !== 200) return fail(statusFault(status, via, url));
      const read = readImageCatalogue(body.toString("utf8"), via);
      if (!read.ok) return fail(asSourceFault(read.fault));
      const elsewhere = read.value.filter((image) => !allowed.has(new URL(image.directory).origin));
      return ok({ offerings: offeringsOf(read.value, allowed), passedOver: elsewhere.map(notAllowed) });
    },
    async bring({ offering, partNumber, partialPath, bytesMax, progress }, signal) {
      const address = addressOf(offering, partNumber, allowed);
      if (!address.ok) return address;
      const ask = { name: address.value.name, url: address.value.url, ...ca, bytesMax, partialPath, progress };
      const got = await bring(ask, io, signal);
      return got.ok ? ok({ ...got.value, name: address.value.name }) : fail(asSourceFault(got.fault));
    },
  };
}

function catalogueUrl(base: URL): URL {
  return base.pathname.endsWith("/") ? new URL(CATALOGUE_FILE, base) : base;
}

function statusFault(status: number, via: "http" | "https", url: URL): SourceFault {
  const detail = `status ${status} for ${url.pathname}`;
  return asSourceFault(status === 401 || status === 403 ? { kind: "denied", via, detail } : { kind: "unreachable", via, detail });
}

const notAllowed = ({ version, directory }: CatalogueImage): RefusedRelease => ({
  document: version,
  why: `its images lie on ${new URL(directory).origin}, which is not among firmware.sources.vendorCatalogue.origins`,
});

/** One for each version and folder; those that lie elsewhere are told of and cannot be fetched. */
function offeringsOf(images: readonly CatalogueImage[], allowed: ReadonlySet<string>): readonly Offering[] {
  const byKey = new Map<string, Offering>();
  for (const { version, directory, revision } of images) {
    const key = `${version} ${directory}${revision === "" ? "" : ` ${revision}`}`;
    const fetch = allowed.has(new URL(directory).origin) ? "byPart" : "no";
    const title = `UC software ${version}${revision === "" ? "" : ` for hardware ${revision}`}`;
    byKey.set(key, { key, title, version, models: [], partNumbers: [], revoked: false, fetch });
  }
  return [...byKey.values()];
}

/** `<folder>/<part number>.sip.ld`: uncertain in the document, so a 404 is told as what it may mean. */
function addressOf(
  { key, fetch, version }: Offering,
  partNumber: string | undefined,
  allowed: ReadonlySet<string>,
): Result<{ readonly url: URL; readonly name: string }, SourceFault> {
  const refused = (reason: string) => fail(asSourceFault({ kind: "refused", via: "depot", reason }));
  if (fetch !== "byPart") return refused("its images lie on a server that is not allowed");
  if (partNumber === undefined || !partNumberForm.test(partNumber)) return refused("it has a file for each part number: name one");
  const directory = key.split(" ")[1] ?? "";
  if (!URL.canParse(directory) || !allowed.has(new URL(directory).origin)) return refused("its images lie on a server that is not allowed");
  return ok({ url: new URL(`${partNumber}.sip.ld`, directory), name: `${version}/${partNumber}.sip.ld` });
}
