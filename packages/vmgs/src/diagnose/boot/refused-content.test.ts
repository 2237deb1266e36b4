import fc from "fast-check";
import { expect, test } from "vitest";
import { guestFileIds, readGuestFile } from "../../guest/index.ts";
import { contentRefusal } from "./refused-content.ts";

test("a guest file is refused just when its reading says that a boot fails or takes it as absent", async () => {
  const content = fc.uint8Array({ maxLength: 3000, size: "max" });
  const property = fc.asyncProperty(fc.constantFrom(...guestFileIds), content, async (fileId, bytes) => {
    const reading = await readGuestFile(fileId, bytes);
    const { valid = false, boot, problems = [] } = reading ?? {};
    const refused = !valid && (boot?.outcome === "fails" || boot?.outcome === "ignored");
    const why = await contentRefusal(fileId, bytes);
    expect(why !== null).toBe(refused);
    if (refused) expect(why).toContain(problems[0]?.message);
  });
  await fc.assert(property, { numRuns: 300 });
});
