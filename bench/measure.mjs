// What the benchmarks share: medians and ratios of things measured in turn, because machines are noisy.

/** The middle value. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

const clockTime = () => performance.now();

/** Milliseconds that the processors worked for this process: what other work on the machine changes least. */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Times each function `rounds` times in turn, after a warm-up of each, and gives the median milliseconds of each. */
export async function inTurn(functions, rounds) {
  return (await inTurnByClocks(functions, rounds, [clockTime]))[0];
}

/** The same by several clocks at once: the medians of each function, by clock. */
export async function inTurnByClocks(functions, rounds, clocks = [clockTime, processorTime]) {
  const times = clocks.map(() => functions.map(() => []));
  for (let round = -1; round < rounds; round++) {
    for (const [i, action] of functions.entries()) {
      const start = clocks.map((clock) => clock());
      await action();
      if (round >= 0) for (const [c, clock] of clocks.entries()) times[c][i].push(clock() - start[c]);
    }
  }
  return times.map((ofFunctions) => ofFunctions.map(median));
}

export const ratio = (a, b) => `${(a / b).toFixed(2)}x`;

/** Prints rows of text as a table. */
export function table(title, rows) {
  console.log(`\n${title}`);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => String(cell).padEnd(widths[column])).join("  ")}`.trimEnd());
}
