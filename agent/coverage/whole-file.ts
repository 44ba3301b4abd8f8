/** Files that are there whole or not at all, whatever happens while they are written. */
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes beside it, then puts it in place. Others of the agent's group may read it. Throws what the file system throws. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const beside = join(folder, `.${path.slice(folder.length + 1)}.new`);
  await filled(beside, content);
  await rename(beside, path);
}

async function filled(path: string, content: Uint8Array | string): Promise<void> {
  const file: FileHandle = await open(path, "w", 0o640);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
