/**
 * The Designated Support Portal: what it lists, its notes, documents and licence keys, and its files. None of it is believed
 * before a person accepts the hash. Source: docs/portal.md.
 */
import { rm } from "node:fs/promises";
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
  readonly documents: readonly { readonly id: string; readonly title: string; readonly mediaType: string; readonly sizeBytes: number }[];
}

export interface LicenceKeys {
  readonly keys: readonly { readonly serial: string; readonly key: Secret }[];
  /** Serial numbers the portal has no key for. */
  readonly missing: readonly string[];
}

export interface PortalSource extends UnsignedSource {
  notes(key: string, signal: AbortSignal): Promise<Result<PortalNotes, SourceFault>>;
  keys(key: string, serials: readonly string[], signal: AbortSignal): Promise<Result<LicenceKeys, SourceFault>>;
}

const PAGES_MAX = 50;
const ENTRIES_MAX = 2_000;
const NOTES_CHARS = 20_000;
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
  return {
    kind: "portal",
    read: (signal) => readPages(session, signal),
    async bring({ offering, partialPath, bytesMax }, signal) {
      const { key, sizeBytes, sha256 } = offering;
      const name = offering.file ?? offering.title;
      const file = new URL(`${url.href.replace(/\/$/, "")}${below(key, "file")}`);
      const known = { ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(ca === undefined ? {} : { ca }) };
      const ask = { name, url: file, ...known, bytesMax, partialPath, authorize: session.authorize };
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
      const list = { method: "GET", path: below(key, "documents"), schema: documentsSchema, wanted: "a list of documents" } as const;
      const documents = await session.ask(list, signal);
      if (!documents.ok) return fail(asSourceFault(documents.fault));
      return ok({ text: text.value.text.slice(0, NOTES_CHARS), documents: documents.value.documents });
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
