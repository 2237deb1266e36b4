/**
 * How much code a page loads for the first function of each door, bundled as for a browser: what reads certificates, and
 * in the doctor what reads files that a store does not have, is loaded when it is needed.
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputChunk, rolldown } from "rolldown";
import { expect, test } from "vitest";

const sources = join(dirname(dirname(fileURLToPath(import.meta.url))), "src");
const ENTRY = join(sources, "entry-of-a-page.ts");

/** Chunks that are loaded before anything runs. */
async function loadedAtOnce(door: string, names: string): Promise<OutputChunk[]> {
  const bundle = await rolldown({
    input: ENTRY,
    platform: "browser",
    plugins: [
      {
        name: "page",
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) =>
          id === ENTRY ? `export ${names} from ${JSON.stringify(join(sources, door, "index.ts"))};` : null,
      },
    ],
  });
  const { output } = await bundle.generate({ minify: true, format: "es" });
  await bundle.close();
  const chunks = output.filter((one) => one.type === "chunk");
  const loaded = new Set<string>();
  const load = (name: string) => {
    if (loaded.has(name)) return;
    loaded.add(name);
    for (const next of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) load(next);
  };
  for (const { isEntry, fileName } of chunks) if (isEntry) load(fileName);
  return chunks.filter(({ fileName }) => loaded.has(fileName));
}

const MOST_KILOBYTES = 150;

test.each([
  ["diagnose", "{ diagnose }"],
  ["diagnose", "{ forecastBoot }"],
  ["tpm", "*"],
  ["uefi", "*"],
  ["guest", "*"],
  ["comparison", "*"],
  ["recovery", "*"],
])("vmgskit/%s, %s: less than 150 KB are loaded before a certificate is met", async (door, names) => {
  const chunks = await loadedAtOnce(door, names);
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  expect(modules.filter((id) => /node_modules.(pkijs|asn1js|jose|@noble)/.test(id))).toEqual([]);
  const bytes = chunks.reduce((sum, { code }) => sum + new TextEncoder().encode(code).length, 0);
  expect(bytes / 1000).toBeLessThan(MOST_KILOBYTES);
  expect(bytes / 1000).toBeGreaterThan(10);
});
