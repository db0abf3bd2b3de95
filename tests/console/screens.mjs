// Every screen, full and empty, in light and dark, wide and on a phone: axe-core finds nothing, nothing is cut off sideways.
// With a folder as its argument it writes a picture of each there.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {device, gateway, open, publish, run} from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.argv[2];
const phone = {viewport: {width: 390, height: 844}, deviceScaleFactor: 2, hasTouch: true, isMobile: true};

// Screens that say what to do next in a croft where nothing has happened yet.
const empty = ["presence", "mqtt", "calls"];

// One row for each screen: what is done to fill it.
const screens = {
  "presence": async (page) => {
    await page.getByRole("gridcell", {name: "pump-3", exact: true}).click();
    await page.getByRole("heading", {name: "pump-3"}).waitFor();
    await page.locator(".plot canvas").waitFor();
  },
  "mqtt?sub=0+%24aws/events/%23&sub=1+plant/%2B/temperature": async (page) => {
    await page.getByText("Connected", {exact: true}).waitFor();
    await page.getByText(/^\$aws\/events\/subscriptions\/subscribed\/iotconsole-/).first().waitFor();
    await publish("plant/seven/temperature", '{"celsius":21.5,"ok":true}');
    await page.getByRole("article", {name: "plant/seven/temperature"}).waitFor();
    await page.getByText("MQTT 5 properties").click();
  },
  "calls?own=1": async (page) => {
    const headers = {"x-amz-target": "DynamoDB_20120810.ListTables"};
    await page.evaluate((headers) => fetch("/_croft/console/api/aws/dynamodb", {method: "POST", headers: {...headers, "x-croft-console": "1"}, body: "{}"}), headers);
    await page.getByRole("gridcell", {name: "ListTables"}).first().waitFor();
  },
};

// axe-core is put in as a script of the test: the page's own policy would refuse it.
async function check(page, name) {
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", {expression: axe});
  const {violations, passes} = await page.evaluate(() => globalThis.axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}));
  const found = violations.map((one) => `${name}: ${one.impact} ${one.id}: ${one.nodes.map((node) => `${node.html}\n${node.failureSummary}`).join("\n")}`);
  assert.deepEqual(found, []);
  assert.ok(passes.length > 15, "axe-core looked at little");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
  if (pictures) await page.screenshot({path: join(pictures, `${name}.png`)});
}

async function checkAll(suffix, context) {
  for (const name of ["pump-1", "pump-2", "pump-3", "tank-1"]) device(name);
  for (const [path, fill] of Object.entries(screens)) {
    const page = await open(path, {context: {...context, reducedMotion: "reduce"}}); // nothing flashes
    await fill(page);
    await check(page, path.split("?")[0] + suffix);
    await page.context().close();
  }
}

await run({
  "empty": async () => {
    for (const path of empty) {
      const page = await open(path);
      await page.locator(".empty").first().waitFor();
      await check(page, `${path}-empty`);
    }
    assert.equal((await fetch(`${gateway}/_croft/console/`)).status, 200);
  },
  "light": () => checkAll("-light", {colorScheme: "light"}),
  "dark": () => checkAll("-dark", {colorScheme: "dark"}),
  "phone": () => checkAll("-phone", {colorScheme: "light", ...phone}),
});
