// axe-core on what a page shows, and whether that is wider than the page.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const phone = {viewport: {width: 390, height: 844}, deviceScaleFactor: 2, hasTouch: true, isMobile: true};

// axe-core is put in as a script of the test: the page's own policy would refuse it.
export async function accessible(page, name) {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", {expression: axe});
  const {violations, passes} = await page.evaluate(() =>
    globalThis.axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}));
  const nodes = (one) => one.nodes.map((node) => `${node.html}\n${node.failureSummary}`).join("\n");
  const found = violations.map((one) => `${name}: ${one.impact} ${one.id}: ${nodes(one)}`);
  assert.deepEqual(found, []);
  assert.ok(passes.length > 15, "axe-core looked at little");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
}
