/**
 * How a master file may spell a phone's model: `VVX411`, `SPIP550`, `SSIP6000`, `Trio8800`.
 * Source: protocols/provisioning.md 5 (Trio 000000000000.cfg; the spelling of each newer model is uncertain).
 */

const SHORT: readonly (readonly [RegExp, string])[] = [
  [/^SoundPoint IP /i, "SPIP"],
  [/^SoundStation IP /i, "SSIP"],
  [/^RealPresence (?=Trio)/i, ""],
];
/** The model as a phone's own agent writes it: `-VVX_411-UA/`. Source: protocols/provisioning.md 4. */
const agentWord = /-([\w+]{1,40})-UA\//;

/** Empty where neither says a model. The agent's own word comes first: master files are written after it. */
export function modelKeys(who: { readonly userAgent?: string | undefined; readonly model?: string | undefined }): readonly string[] {
  const word = agentWord.exec(who.userAgent ?? "")?.[1]?.replaceAll("_", "");
  const model = SHORT.reduce((text, [long, short]) => text.replace(long, short), who.model ?? "").replaceAll(/[\s_-]/g, "");
  return [...new Set([word ?? "", model])].filter((key) => key !== "");
}

/** Spellings of newer models are not documented in full: case and punctuation do not count. */
export const keyOf = (model: string): string => model.replaceAll(/[^A-Za-z0-9+]/g, "").toUpperCase();
