/** What is foretold of a vTPM's state is what OpenHCL's first boot did with it, on the reference engine. */

import { describe, expect, test } from "vitest";
import { createStoreImage, examine } from "../../../test/diagnosis-fixtures.ts";
import { engineFirstBoots, type FirstBoot } from "../../../test/golden-tpm-engine.ts";
import { hexNumber } from "../../layout/index.ts";
import { memorySource } from "../../source/index.ts";
import { foretellTpmStart, PersistentHandle } from "../../tpm/index.ts";
import { forecastBoot } from "./forecast.ts";

const starts = ({ outcome }: FirstBoot) => outcome.startsWith("starts");
const stepOf = ({ steps }: FirstBoot, start: string) => steps.find((step) => step.startsWith(start));

describe.each(engineFirstBoots)("the first boot with $name", ({ truth, bytes }) => {
  test("starts or not, as foretold", async () => {
    const image = await createStoreImage({ 3: await bytes() });
    const { lifetimes, tpm } = await forecastBoot(memorySource(image));
    const [usual] = lifetimes;
    expect(usual?.lifetime).toBe("default");
    expect({ fails: usual?.outcome === "fails", tpm: tpm.outcome === "refused" }).toEqual({
      fails: !starts(truth),
      tpm: !starts(truth),
    });
    if (!starts(truth)) expect(usual?.why).toContain(tpm.words);
  });

  test("is an error for the doctor when it does not start", async () => {
    const { ids, verdict } = await examine(await createStoreImage({ 3: await bytes() }));
    expect(ids.has("tpm-start-fails")).toBe(!starts(truth));
    if (!starts(truth)) expect(["damaged", "critical"]).toContain(verdict);
  });

  test("zeroes what was foretold", async () => {
    const state = await bytes();
    const { cutAt } = foretellTpmStart(state);
    const changed = /first changed byte (\d+)/.exec(stepOf(truth, "recover_blob") ?? "")?.[1];
    const firstChanged = cutAt === null ? -1 : state.findIndex((byte, at) => at >= cutAt && byte !== 0);
    expect(firstChanged).toBe(Number(changed ?? -1));
  });

  test("leaves the key at 0x81000003 that was foretold", async () => {
    if (!starts(truth)) return;
    const { ak } = foretellTpmStart(await bytes());
    const after = stepOf(truth, `object ${hexNumber(PersistentHandle.AK)}`);
    expect(ak?.fate === "lost").toBe(after?.endsWith("absent"));
    const made = stepOf(truth, "ak ");
    expect(made).toContain(`can_renew=${ak?.canRenew}`);
    if (made?.includes("force=true")) expect(ak?.fate).not.toBe("kept");
    if (ak?.fate === "kept") expect(after).toContain(hexNumber(ak.attributes ?? 0, 8));
  });
});

test("states of all kinds of outcome are among them", () => {
  expect(engineFirstBoots.length).toBeGreaterThanOrEqual(61);
  expect(engineFirstBoots.filter(({ truth }) => !starts(truth)).length).toBeGreaterThan(10);
});
