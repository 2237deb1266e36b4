// What the benchmarks share: medians and ratios of things measured in turn, because machines are noisy.

/** The middle value. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Times each function `rounds` times in turn, after a warm-up of each, and gives the median milliseconds of each. */
export async function inTurn(functions, rounds) {
  const times = functions.map(() => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, action] of functions.entries()) {
      const start = performance.now();
      await action();
      if (round >= 0) times[i].push(performance.now() - start);
    }
  }
  return times.map(median);
}

export const ratio = (a, b) => `${(a / b).toFixed(2)}x`;

/** Prints rows of text as a table. */
export function table(title, rows) {
  console.log(`\n${title}`);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => String(cell).padEnd(widths[column])).join("  ")}`.trimEnd());
}
