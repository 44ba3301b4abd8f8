/**
 * What the depot thread is asked, and what it says by itself. Plain data only.
 */
import type { ImageRef } from "../../firmware/release.ts";
import type { CatalogueMark } from "../../firmware/sources/catalogue-order.ts";
import type { PortalNotes } from "../../firmware/sources/portal.ts";
import type { FoundFile, Offering, SourceCatalogue, SourceFault, SourceListing } from "../../firmware/sources/source.ts";
import type { DroppedPart } from "../../firmware/staging/aged-parts.ts";
import type { BringProgress } from "../../firmware/staging/bring-progress.ts";
import type { DepotSpace } from "../../firmware/staging/depot.ts";
import type { Inside } from "../../firmware/staging/inside.ts";
import type { Staging } from "../../firmware/staging/stage.ts";
import type { KillScope } from "../../firmware/waves/kill.ts";
import type { Sighting } from "../../protocols/core/device.ts";
import type { Result } from "../../protocols/core/fault.ts";
import type { Mac, Sha256 } from "../../protocols/core/ids.ts";
import type { ScaledClockOptions } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";
import type { AccountSetting } from "../../protocols/provisioning/basic-digest.ts";
import type { EndpointEvent } from "../../protocols/provisioning/exchange.ts";
import type { OddEvent } from "../../protocols/provisioning/odd-answers.ts";
import type { OverrideName } from "../../protocols/provisioning/phone-habits.ts";
import type { OverridesOf } from "../../protocols/provisioning/read-overrides.ts";
import type { ClientCertificates } from "../../protocols/provisioning/tls.ts";
import type { UploadKind } from "../../protocols/provisioning/uploads.ts";
import type { UpstreamEvent } from "../../protocols/provisioning/upstream-state.ts";
import type { WatchKeys } from "../config-watch/keys.ts";
import type { Snapshot } from "../config-watch/snapshot.ts";
import type { KeptDocument } from "./depot-documents.ts";

export interface DepotData {
  readonly clock: ScaledClockOptions;
  readonly agentVersion: string;
  /** See `FieldData.watch`. */
  readonly watch?: WatchKeys;
  readonly depotFolder: string;
  readonly budgetBytes: number;
  readonly stagingBytesPerSecond: number;
  /** The partner's channel; absent where none is configured. */
  readonly channel?: {
    readonly from: { readonly url: string } | { readonly folder: string };
    readonly rootPath: string;
    readonly cacheFolder: string;
  };
  /** Sources that sign nothing; absent where none is configured. */
  readonly sources?: PlainSources;
  /** The provisioning endpoint; absent where none is configured. */
  readonly endpoint?: {
    readonly host: string;
    readonly port: number;
    readonly uploadsFolder: string;
    readonly bytesPerSecond: number;
    readonly mode: EndpointModeOrder;
    readonly tls?: TlsFiles;
    /** What phones log in with; without it they are not asked. */
    readonly account?: PlainPhonesAccount;
    readonly subnetBytesPerSecond?: number;
    /** What devices are told where it is. */
    readonly baseUrl?: string;
    readonly groupManagement?: boolean;
  };
}

/** On their way into the depot thread: the password is wrapped again on arrival. */
export interface PlainSources {
  readonly quarantineFolder: string;
  readonly quarantineBudgetBytes: number;
  readonly documentsFolder: string;
  readonly folder?: string;
  readonly portal?: { readonly url: string; readonly user: string; readonly password: string; readonly ca?: string };
  readonly vendorCatalogue?: { readonly url: string; readonly ca?: string; readonly origins: readonly string[] };
}

/** What the depot thread reads itself. */
export type DepotSourceKind = "folder" | "portal" | "vendor-catalogue";

/** A file that waits for a person or was accepted. */
export interface HeldFile {
  readonly source: DepotSourceKind;
  readonly name: string;
}

/** An accepted archive, as it was when it was looked into. */
export interface HeldArchive extends HeldFile {
  readonly sha256: Sha256;
  readonly unpackedBytes: number;
}

/** About the sources that sign nothing; `off` where the one is not configured. */
export type SourceRequests = {
  readSource: { input: { readonly kind: DepotSourceKind }; output: Result<SourceListing, SourceFault> };
  /** Brings a file into quarantine. */
  fetchFile: {
    input: { readonly kind: DepotSourceKind; readonly offering: Offering; readonly partNumber?: string };
    output: Result<FoundFile, SourceFault>;
  };
  portalNotes: { input: { readonly key: string }; output: Result<PortalNotes, SourceFault> };
  /** Brings a document into a file. */
  portalDocument: { input: { readonly key: string; readonly document: string }; output: Result<KeptDocument, SourceFault> };
  /** Writes the keys into the file; they never leave the thread otherwise. */
  portalKeys: {
    input: { readonly key: string; readonly serials: readonly string[]; readonly path: string };
    output: Result<{ readonly written: number; readonly missing: readonly string[] }, SourceFault>;
  };
  /** Hashes of the fetched files that are still in quarantine. */
  quarantined: { input: null; output: readonly Sha256[] };
  /** What a held file holds; a fault where it could not be looked into. */
  lookInside: { input: HeldFile & { readonly sha256: Sha256 }; output: Result<Inside> };
  /** Removes a fetched file; one in the drop folder stays where it is. */
  dropQuarantined: { input: { readonly sha256: Sha256 }; output: null };
};
/** See `EndpointMode`; the account's password is wrapped again on arrival. */
export type EndpointModeOrder =
  | { readonly kind: "own" }
  | { readonly kind: "image-only" }
  | {
      readonly kind: "overlay";
      readonly upstream: {
        readonly url: string;
        readonly ca?: string;
        readonly account?: { readonly user: string; readonly password: string };
      };
    };

/** Where the endpoint's certificate is: the depot thread reads it itself, again and again. */
export interface TlsFiles {
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientRootsFile?: string | undefined;
  readonly oldClients: boolean;
  readonly clientCertificates: ClientCertificates;
}

/** On its way into the depot thread: the password is wrapped again on arrival. */
export type PlainPhonesAccount = Omit<AccountSetting, "password"> & { readonly password: string };

export interface OfferOrder {
  readonly token: string;
  readonly mac: Mac;
  readonly sha256: Sha256;
  /** Id of the release the image is of. */
  readonly release: string;
  readonly imageName: string;
  readonly partNumbers: readonly string[];
  /** See `Offer`. */
  readonly model?: string;
  readonly seenAt?: string;
  /** For the catalogue of its upgrade page. */
  readonly version?: Version;
  readonly notAbove?: Version;
  /** The files of an update server, in place of the image alone. */
  readonly tree?: readonly { readonly path: string; readonly sha256: Sha256 }[];
}

/** The image a device runs and is to stay on. `held`: named, and not given. */
export interface StandingOrder extends OfferOrder {
  readonly held: boolean;
}

export type DepotRequests = SourceRequests & {
  readCatalogue: { input: { readonly newestSeen: CatalogueMark | null }; output: Result<SourceCatalogue, SourceFault> };
  /** `pinned`: images no eviction may touch. `held`: the file it is taken from, in place of the channel. */
  stage: {
    input: { readonly image: ImageRef; readonly pinned: readonly Sha256[]; readonly held?: HeldFile };
    output: Result<{ readonly sizeBytes: number }>;
  };
  /** Images out of an accepted archive. */
  stageInside: {
    input: { readonly archive: HeldArchive; readonly images: readonly ImageRef[]; readonly pinned: readonly Sha256[] };
    output: Result<null>;
  };
  /** What the depot holds, and what it found damaged and removed at its start. */
  contents: { input: null; output: { readonly images: readonly Sha256[]; readonly damaged: readonly Sha256[] } };
  /** What takes room there, and how much there is. */
  space: { input: null; output: Result<DepotSpace> };
  /** Answers where the folder of the attempt is, for whoever has to be told; `off` where a tree is offered and nobody knows that. */
  offer: { input: OfferOrder; output: Result<{ readonly folder?: string }> };
  /** Parts of downloads go that are none of these, that nobody works on, and that are old or too many. */
  dropAgedParts: { input: { readonly wanted: readonly Sha256[] }; output: Result<readonly AgedPart[]> };
  withdraw: { input: { readonly tokens: readonly string[] }; output: null };
  /** The kill switch is on for these and no others: with the answer no byte of theirs leaves any more. */
  bar: { input: { readonly scopes: readonly KillScope[] }; output: null };
  /** `whole`: these and no others. Else these in place of older ones, and an end to the `ended`. `missing`: files that are not here. */
  stand: {
    input: { readonly images: readonly StandingOrder[]; readonly ended: readonly Mac[]; readonly whole: boolean };
    output: { readonly missing: readonly Sha256[] };
  };
  /** Devices in our care: only they leave uploads. `whole`: these and no others. */
  know: { input: { readonly macs: readonly Mac[]; readonly gone: readonly Mac[]; readonly whole: boolean }; output: null };
  /** Override files that were uploaded and wait to be kept: some of them, others the next time. */
  overrides: { input: null; output: readonly OverrideRef[] };
  /** One of them, masked and sealed; `undefined` where it is gone. */
  override: { input: OverrideRef; output: Result<Snapshot> | undefined };
  /** In mode `overlay`, what the customer's server has of a phone now; `undefined` in the others. */
  lookAtOverrides: { input: OverridesOf; output: Readonly<Record<OverrideName, OverrideSight>> | undefined };
  /** It is kept, or is not to be: the plain file goes, unless a newer one has come. */
  dropOverride: { input: OverrideRef & { readonly original?: string }; output: null };
};

/** The name is that of its file: in the depot the hash of the image. */
export interface AgedPart extends DroppedPart {
  readonly where: "depot" | "quarantine";
}

/**
 * One override file as the customer's server has it now. `old`: the copy kept here is known to be older.
 */
export type OverrideSight =
  | { readonly kind: "there"; readonly snapshot: Snapshot }
  | { readonly kind: "absent" }
  | { readonly kind: "hidden"; readonly why: string; readonly old: boolean };

export interface OverrideRef {
  readonly mac: Mac;
  readonly kind: UploadKind;
}

/** A file of a source that signs nothing, on its way into quarantine. */
export interface FetchProgress {
  readonly kind: "fetchProgress";
  readonly source: DepotSourceKind;
  readonly key: string;
  readonly partNumber?: string;
  readonly now: BringProgress;
}

export type DepotEvent =
  | ({ readonly kind: "stageProgress"; readonly sha256: Sha256 } & Pick<Staging, "doneBytes" | "totalBytes" | "waits">)
  | FetchProgress
  | { readonly kind: "checkIn"; readonly sighting: Sighting }
  | { readonly kind: "imageStarted"; readonly token: string; readonly address: string }
  | Extract<EndpointEvent, { readonly kind: "imageSent" }>
  | { readonly kind: "imageDelivered"; readonly token: string; readonly complete: boolean }
  | { readonly kind: "upload"; readonly mac: Mac; readonly file: string; readonly bytes: number }
  | { readonly kind: "copyMissed"; readonly mac: Mac; readonly file: string; readonly why: string }
  | UpstreamEvent
  | OddEvent
  /** The endpoint has another certificate, or keeps an older one in spite of what is in its files; `what` says why, or what to know of it. */
  | { readonly kind: "endpointCertificate"; readonly isRenewed: boolean; readonly what?: string }
  | Extract<EndpointEvent, { readonly kind: "roomAsked" }>
  | { readonly kind: "refusedRequests"; readonly address: string; readonly count: number; readonly why: string };
