/** The same lines again and again at the same place of a terminal. Holds only how many stand there. */

export interface Screen {
  /** Puts these lines in place of the last ones. */
  draw(lines: readonly string[]): void;
}

/** @param write  to the terminal itself */
export function createScreen(write: (text: string) => void): Screen {
  let standing = 0;
  return {
    draw(lines) {
      // Up to the first of them, and everything below goes.
      const back = standing === 0 ? "" : `\r\u001b[${standing}A\u001b[J`;
      write(`${back}${lines.map((line) => `${line}\n`).join("")}`);
      standing = lines.length;
    },
  };
}
