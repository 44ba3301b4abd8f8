/**
 * The Designated Support Portal: what it lists, its notes, documents and licence keys, and its files. None of it is believed
 * before a person accepts the hash. Source: docs/portal.md.
 */
import { open, rm } from "node:fs/promises";
import * as z from "zod";
import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { Secret } from "../../protocols/core/secret.ts";
import type { HttpClient } from "../../protocols/http/client.ts";
import { type BringIo, bring } from "../staging/bring.ts";
import { createPortalSession, type PortalAccount, type PortalSession } from "./portal-session.ts";
import { asSourceFault, type Offering, type SourceFault, type SourceListing, type UnsignedSource } from "./source.ts";

export interface PortalNotes {
  readonly text: string;
  readonly documents: readonly PortalDocument[];
}

export interface LicenceKeys {
  readonly keys: readonly { readonly serial: string; readonly key: Secret }[];
  /** Serial numbers the portal has no key for. */
  readonly missing: readonly string[];
}

export interface PortalDocument {
  readonly id: string;
  readonly title: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

export interface PortalSource extends UnsignedSource {
  /** Brings one of the documents of an entry to `partialPath`. `refused` where there is no such document, or it is a web page. */
  document(
    which: { readonly key: string; readonly document: string },
    partialPath: string,
    signal: AbortSignal,
  ): Promise<Result<PortalDocument, SourceFault>>;
  notes(key: string, signal: AbortSignal): Promise<Result<PortalNotes, SourceFault>>;
  keys(key: string, serials: readonly string[], signal: AbortSignal): Promise<Result<LicenceKeys, SourceFault>>;
}

const PAGES_MAX = 50;
const ENTRIES_MAX = 2_000;
const NOTES_CHARS = 20_000;
/** An administrator's guide has some ten megabytes. A guess. */
const DOCUMENT_BYTES_MAX = 64 * 1024 ** 2;
/** Readers look for the mark no further in. */
const PDF_MARK_WITHIN = 1_024;
export const SERIALS_MAX = 500;

const short = z.string().min(1).max(200);
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/);
const entrySchema = z.object({
  id,
  title: short,
  version: z.string().min(1).max(64),
  models: z.array(z.string().min(1).max(64)).max(200),
  partNumbers: z
    .array(z.string().regex(/^\d{4}-\d{5}-\d{3}$/))
    .max(200)
    .default([]),
  file: z
    .object({
      name: short,
      sizeBytes: z.int().min(1),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .transform((text) => text as Sha256)
        .optional(),
    })
    .optional(),
  published: z.iso.datetime({ offset: true }).optional(),
  revoked: z.boolean().default(false),
});
const pageSchema = z.object({
  schema: z.literal("groundswell.portal-firmware/1"),
  firmware: z.array(entrySchema).max(ENTRIES_MAX),
  next: z.string().min(1).max(200).optional(),
});
const notesSchema = z.object({ schema: z.literal("groundswell.portal-notes/1"), text: z.string() });
const documentsSchema = z.object({
  schema: z.literal("groundswell.portal-documents/1"),
  documents: z.array(z.object({ id, title: short, mediaType: z.string().max(100), sizeBytes: z.int().min(0) })).max(100),
});
const keysSchema = z.object({
  schema: z.literal("groundswell.portal-keys/1"),
  keys: z.array(z.object({ serial: z.string().min(1).max(64), key: z.string().regex(/^[\x20-\x7e]{1,500}$/) })).max(SERIALS_MAX),
  missing: z.array(z.string().max(64)).max(SERIALS_MAX).default([]),
});

export function portalSource(options: PortalAccount, io: BringIo & { readonly http: Pick<HttpClient, "ask"> }): PortalSource {
  const session = createPortalSession(options, io);
  const { url, ca } = options;
  const below = (key: string, what: string): string => `/firmware/${encodeURIComponent(key)}/${what}`;
  const documentsOf = (key: string, signal: AbortSignal) =>
    session.ask({ method: "GET", path: below(key, "documents"), schema: documentsSchema, wanted: "a list of documents" }, signal);
  const fileAt = (path: string) => ({ url: new URL(`${url.href.replace(/\/$/, "")}${path}`), ...(ca === undefined ? {} : { ca }) });
  return {
    kind: "portal",
    read: (signal) => readPages(session, signal),
    async bring({ offering, partialPath, bytesMax, progress }, signal) {
      const { key, sizeBytes, sha256 } = offering;
      const name = offering.file ?? offering.title;
      const known = { ...fileAt(below(key, "file")), ...(sizeBytes === undefined ? {} : { sizeBytes }) };
      const ask = { name, ...known, bytesMax, partialPath, authorize: session.authorize, progress };
      const got = await bring(ask, io, signal);
      if (!got.ok) return fail(asSourceFault(got.fault));
      const listed = sha256 === undefined || sha256 === got.value.sha256;
      if (listed) return ok({ ...got.value, name });
      await rm(partialPath, { force: true });
      const wanted = `"${name}" with sha256 ${sha256}, as listed`;
      return fail(asSourceFault({ kind: "mismatch", wanted, found: `sha256 ${got.value.sha256}` }));
    },
    async notes(key, signal) {
      const text = await session.ask({ method: "GET", path: below(key, "notes"), schema: notesSchema, wanted: "release notes" }, signal);
      if (!text.ok) return fail(asSourceFault(text.fault));
      const documents = await documentsOf(key, signal);
      if (!documents.ok) return fail(asSourceFault(documents.fault));
      return ok({ text: text.value.text.slice(0, NOTES_CHARS), documents: documents.value.documents });
    },
    async document({ key, document: wanted }, partialPath, signal) {
      const listed = await documentsOf(key, signal);
      if (!listed.ok) return fail(asSourceFault(listed.fault));
      const document = listed.value.documents.find((one) => one.id === wanted);
      const no = document === undefined ? `"${key}" has no document "${wanted}"` : untakenWords(document);
      if (document === undefined || no !== undefined) return fail(asSourceFault({ kind: "refused", via: "https", reason: no ?? "" }));
      const place = fileAt(below(key, `documents/${encodeURIComponent(wanted)}`));
      const ask = { name: document.title, ...place, sizeBytes: document.sizeBytes, bytesMax: DOCUMENT_BYTES_MAX, partialPath };
      const got = await bring({ ...ask, authorize: session.authorize }, io, signal);
      if (!got.ok) return fail(asSourceFault(got.fault));
      if (await isWhatItSays(partialPath, document.mediaType)) return ok(document);
      await rm(partialPath, { force: true });
      return fail(asSourceFault({ kind: "garbled", via: "https", wanted: `"${document.title}" as ${document.mediaType}` }));
    },
    async keys(key, serials, signal) {
      const body = { schema: "groundswell.portal-keys-request/1", serials: serials.slice(0, SERIALS_MAX) };
      const call = { method: "POST", path: below(key, "keys"), body, schema: keysSchema, wanted: "licence keys" } as const;
      const answer = await session.ask(call, signal);
      if (!answer.ok) return fail(asSourceFault(answer.fault));
      const asked = new Set(serials);
      const keys = answer.value.keys.filter(({ serial }) => asked.has(serial));
      return ok({ keys: keys.map((one) => ({ serial: one.serial, key: new Secret(one.key) })), missing: answer.value.missing });
    },
  };
}

/** Why a document is not even asked for. A page may ask for anything once it is opened: people read it on the portal itself. */
function untakenWords({ title, mediaType, sizeBytes }: PortalDocument): string | undefined {
  if (/\b(?:html|xhtml|svg|javascript)\b/i.test(mediaType)) return `"${title}" is a web page (${mediaType}): read it on the portal itself`;
  if (sizeBytes > DOCUMENT_BYTES_MAX) return `"${title}" has ${sizeBytes} bytes; at most ${DOCUMENT_BYTES_MAX} are fetched`;
  return sizeBytes === 0 ? `"${title}" is empty` : undefined;
}

/** Source: ISO 32000-1, 7.5.2; other types have no mark that every file of theirs begins with. */
async function isWhatItSays(path: string, mediaType: string): Promise<boolean> {
  if (!/^application\/pdf\b/i.test(mediaType)) return true;
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(PDF_MARK_WITHIN), 0, PDF_MARK_WITHIN, 0);
  return buffer.toString("latin1", 0, bytesRead).includes("%PDF-");
}

async function readPages(session: PortalSession, signal: AbortSignal): Promise<Result<SourceListing, SourceFault>> {
  const wanted = "a list of firmware";
  const offerings = new Map<string, Offering>();
  const seen = new Set<string>();
  const refuse = (fault: Fault) => fail(asSourceFault(fault));
  let path = "/firmware";
  for (let page = 0; page < PAGES_MAX; page++) {
    const read = await session.ask({ method: "GET", path, schema: pageSchema, wanted }, signal);
    if (!read.ok) return refuse(read.fault);
    for (const entry of read.value.firmware) offerings.set(entry.id, offeringOf(entry));
    if (offerings.size > ENTRIES_MAX) return refuse({ kind: "overBudget", via: "https", budget: "items", limit: ENTRIES_MAX });
    const { next } = read.value;
    if (next === undefined) return ok({ offerings: [...offerings.values()], passedOver: [] });
    if (seen.has(next)) return refuse({ kind: "garbled", via: "https", wanted: "a page after this one" });
    seen.add(next);
    path = `/firmware?cursor=${encodeURIComponent(next)}`;
  }
  return refuse({ kind: "overBudget", via: "https", budget: "items", limit: PAGES_MAX });
}

function offeringOf({ id: key, title, version, models, partNumbers, file, published, revoked }: z.infer<typeof entrySchema>): Offering {
  return {
    ...{ key, title, version, models, partNumbers, revoked },
    fetch: file === undefined ? "no" : "whole",
    ...(file === undefined ? {} : { file: file.name, sizeBytes: file.sizeBytes }),
    ...(file?.sha256 === undefined ? {} : { sha256: file.sha256 }),
    ...(published === undefined ? {} : { published }),
  };
}
