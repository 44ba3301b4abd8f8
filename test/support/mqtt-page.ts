/** Takes blocks out of docs/mqtt.md by the word behind their fence. */
import { join } from "node:path";

export const MQTT_PAGE = join(import.meta.dirname, "../../docs/mqtt.md");

/** All blocks of a kind. */
export function blocksOf(markdown: string, info: string): readonly string[] {
  const escaped = info.replaceAll(".", "\\.");
  return [...markdown.matchAll(new RegExp(`^\`\`\`${escaped}\\n([\\s\\S]*?)\\n\`\`\`$`, "gm"))].map(([, text = ""]) => text);
}

/** The only one of its kind; throws where there is none, or several. */
export function blockOf(markdown: string, info: string): string {
  const [first, ...more] = blocksOf(markdown, info);
  if (first === undefined || more.length > 0) throw new Error(`${more.length === 0 ? "no" : "several"} blocks of "${info}"`);
  return first;
}

/** From a heading of the third rank to the next one. */
export function sectionOf(markdown: string, name: string): string {
  const begin = markdown.indexOf(`\n### ${name}\n`);
  if (begin < 0) throw new Error(`no section "${name}"`);
  const end = markdown.indexOf("\n### ", begin + 1);
  return markdown.slice(begin, end < 0 ? undefined : end);
}
