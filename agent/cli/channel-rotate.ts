/**
 * `channel rotate`: new keys for a role, in a draft of the root that the root keys then sign.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { rotate } from "../../firmware/channel/draft.ts";
import { writeKeyFile } from "../../firmware/channel/key-files.ts";
import { sealKey } from "../../firmware/channel/keys.ts";
import { saveDraft } from "../../firmware/channel/repository.ts";
import type { RoleName } from "../../firmware/channel/roles.ts";
import { channelError, onDisk, repositoryAt } from "./channel-errors.ts";
import { OPEN_KEYS, type PassphraseOptions, passphraseForNew } from "./channel-keys.ts";
import type { Cli } from "./command.ts";
import { EXIT } from "./exit-codes.ts";
import { safeText } from "./output.ts";

export interface RotateOptions extends PassphraseOptions {
  readonly role: RoleName;
  readonly keys: string;
  readonly replace?: readonly string[];
  readonly askPassphrase?: boolean;
  readonly dryRun?: boolean;
}

export async function rotateKeys(cli: Cli, options: RotateOptions, [folder = ""]: readonly string[]): Promise<number> {
  const { role, replace = [], dryRun = false } = options;
  const of = await repositoryAt(folder);
  const rotated = rotate(of, role, replace, cli.io.clock.nowMs());
  if (!rotated.ok) throw channelError(rotated.fault);
  const { root, targets, made, dropped } = rotated.value;
  // By its id, so that no two are mixed up wherever they end.
  let sealed = true;
  const names = made.map(({ id }) => `${role}-${id.slice(0, 12)}.key`);
  if (!dryRun) {
    const ask = options.askPassphrase === true ? { ...options, ask: true } : options;
    // All are sealed before the first is written: a passphrase that is refused leaves no key behind.
    const texts: string[] = [];
    for (const [at, key] of made.entries()) {
      const name = names[at] ?? "";
      const passphrase = await passphraseForNew(cli, ask, name);
      sealed = passphrase !== undefined;
      texts.push(sealKey(key, name.replace(".key", ""), passphrase));
    }
    await onDisk(() => mkdir(options.keys, { recursive: true, mode: 0o700 }));
    for (const [at, text] of texts.entries()) {
      const written = await writeKeyFile(join(options.keys, names[at] ?? ""), text);
      if (!written.ok) throw channelError(written.fault);
    }
    // The keys first: a draft that names a key nobody has would be a trap.
    await onDisk(() => saveDraft(folder, { root, ...(targets === undefined ? {} : { targets }) }));
  }
  const version = root.signed.version;
  const files = (dryRun ? [] : names).map((name) => join(options.keys, name));
  const body = { folder, dryRun, role, root: version, dropped, keys: dryRun ? [] : made.map(({ id }, at) => ({ id, file: files[at] })) };
  const lines = [
    `Draft of root ${version}: ${dryRun ? "would have" : "has"} ${role} keys changed.`,
    ...dropped.map((id) => `  - ${id.slice(0, 12)}`),
    ...(dryRun ? [] : made.map(({ id }, at) => `  + ${id.slice(0, 12)}  ${safeText(files[at] ?? "")}`)),
  ];
  cli.out.one("groundswell.channel-rotation/1", body, lines.join("\n"));
  if (!sealed) cli.out.note(OPEN_KEYS);
  for (const note of dryRun ? ["Nothing was changed."] : nextSteps(folder, role, of.draft.root !== undefined)) cli.out.note(note);
  return EXIT.done;
}

function nextSteps(folder: string, role: RoleName, hadDraft: boolean): readonly string[] {
  return [
    ...(hadDraft ? ["It goes into the root draft that was there, which is to be signed anew."] : []),
    `Next: root keys sign with: groundswell channel sign ${folder} --role root --key FILE`,
    ...(role === "targets" ? [`Then the new key signs the releases: groundswell channel sign ${folder} --role targets --key FILE`] : []),
    ...(role === "targets" || role === "root" ? [] : ["For publishing give the old key too while you have it: sites then notice nothing."]),
  ];
}
