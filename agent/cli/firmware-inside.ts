/** How the content of a file in quarantine reads. Pure. */
import type { FileShown } from "./firmware-results.ts";
import { safeText } from "./output.ts";
import { counted, facts, showBytes } from "./show.ts";

type Image = NonNullable<NonNullable<FileShown["inside"]>["images"]>[number];

/** One cell of the list. */
export function insideText({ inside }: Pick<FileShown, "inside">): string {
  switch (inside?.kind) {
    case "plain":
      return "no archive";
    case "other":
      return "no image of a phone";
    case "refused":
      return `refused: ${firstSentence(inside.words ?? "")}`;
    case "release":
      return [
        ...(inside.versions ?? []),
        `${counted((inside.images ?? []).length, "image")} for ${hardwareText(inside.images ?? [])}`,
      ].join(", ");
    default:
      return "-";
  }
}

/** Contradictions, as a cell. */
export function noteText({ contradictions }: FileShown): string {
  return contradictions.map(({ text }) => text).join("; ") || "-";
}

const NAMED_MAX = 4;

function hardwareText(images: readonly Image[]): string {
  const names = [...new Set(images.map(({ model, partNumber }) => model ?? partNumber ?? "all models of a combined release"))];
  const shown = names.slice(0, NAMED_MAX).join(", ");
  return names.length > NAMED_MAX ? `${shown} and ${names.length - NAMED_MAX} more` : shown;
}

function firstSentence(words: string): string {
  return words.split(". ", 1)[0] ?? words;
}

/** Everything of one file. */
export function fileText(file: FileShown, when: (iso: string | null | undefined) => string): string {
  const { source, name, sha256, sizeBytes, state, found, gone, version, partNumber, inside, contradictions, by, reason, release } = file;
  const said = [version, partNumber].filter((one) => typeof one === "string").join(" ");
  const head = facts([
    ["SHA-256", sha256],
    ["file", `${safeText(name)}, ${showBytes(sizeBytes)}, from ${source} ${when(found)}`],
    ["state", [state, ...(typeof gone === "string" ? [`gone ${when(gone)}`] : []), ...(by == null ? [] : [`by ${by}`])].join(", ")],
    ["release", release],
    ["reason", typeof reason === "string" ? safeText(reason) : undefined],
    ["said of it", said === "" ? "nothing" : safeText(said)],
    ["sip.ver says", inside?.versions?.join(", ")],
    ["inside", safeText(inside?.words ?? insideText(file))],
  ]);
  const images = (inside?.images ?? []).map(
    ({ path, partNumber: part, model, sizeBytes: size, sha256: hash }) =>
      `    ${safeText(path)}  ${part ?? "all models"}  ${model ?? "model not in the public table"}  ${showBytes(size)}  ${hash.slice(0, 12)}\n`,
  );
  const others =
    (inside?.otherFiles ?? 0) === 0
      ? ""
      : `    and ${counted(inside?.otherFiles ?? 0, "file")} that ${inside?.otherFiles === 1 ? "is no image" : "are no images"}\n`;
  const wrong = contradictions.map(({ about, text }) => `  contradicts (${about}): ${safeText(text)}\n`);
  return `${head}${head.endsWith("\n") ? "" : "\n"}${images.join("")}${others}${wrong.join("")}`;
}
