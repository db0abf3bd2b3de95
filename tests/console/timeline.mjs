// One client's timeline and the traces of its events, in the Presence screen. The article's stack is deployed.
import assert from "node:assert/strict";
import {device, eventually, gateway, open, picture, publish, run} from "./browser.mjs";

const life = (page, id) => page.getByRole("complementary", {name: `Client ${id}`}).getByRole("listitem");
const moments = (page, id) => life(page, id).locator(".presence-moment").allTextContents();
const steps = (page) => page.getByRole("region", {name: "The way of the event"}).getByRole("listitem");
const step = (page, kind, name) => steps(page).filter({hasText: name}).filter({has: page.locator(".presence-kind", {hasText: new RegExp(`^${kind}$`)})});

async function until(check, wanted) {
  let found;
  await eventually(async () => JSON.stringify((found = await check())) === JSON.stringify(wanted), () => JSON.stringify(found));
}

// Clicks on the newest moment of that name, once its way is over.
async function openTrace(page, id, name) {
  const moment = life(page, id).filter({has: page.locator(".presence-moment", {hasText: new RegExp(`^${name}$`)})}).first();
  await moment.locator(".badge", {hasText: /\d (ms|s)$|^Failed$/}).waitFor();
  await moment.getByRole("button").click();
  await steps(page).first().waitFor();
}

await run({
  "a client's life is on the open page without a reload": async () => {
    const first = device("lively-1");
    const page = await open("presence");
    await page.evaluate(() => (window.sameDocument = true));
    await page.getByRole("gridcell", {name: "lively-1", exact: true}).click();
    await until(() => moments(page, "lively-1"), ["Subscribed", "Connected"]);
    await life(page, "lively-1").first().getByText("nothing", {exact: true}).waitFor();
    first.kill("SIGKILL");
    await until(() => moments(page, "lively-1"), ["Disconnected", "Subscribed", "Connected"]);
    await life(page, "lively-1").first().getByText("CONNECTION_LOST").waitFor();
    await publish("plant/1", "21.5", "-i", "lively-1");
    await until(() => moments(page, "lively-1"), ["Disconnected", "Published", "Connected", "Disconnected", "Subscribed", "Connected"]);
    await life(page, "lively-1").nth(1).getByText("1 message", {exact: true}).waitFor();
    assert.equal(await page.evaluate(() => window.sameDocument), true);
  },

  "an event's way leads from the socket to the row": async () => {
    device("traced-1");
    const page = await open("presence?client=traced-1");
    await openTrace(page, "traced-1", "Connected");
    await until(async () => (await steps(page).locator(".presence-kind").allTextContents()),
      ["event", "wait", "rule", "wait", "action", "wait", "function", "call", "write"]);
    for (const bar of await steps(page).locator(".presence-bar").all()) assert.ok((await bar.boundingBox()).width >= 3);
    await step(page, "write", "PutItem").getByRole("button").click();
    const item = page.getByRole("row").filter({hasText: "is_connected"});
    assert.deepEqual(await item.getByRole("cell").allTextContents(), ["–", "true"]);
    const shared = await open(null);
    await shared.goto(page.url());
    await shared.getByRole("row").filter({hasText: "is_connected"}).waitFor();
  },

  "the update that follows shows the item before and after": async () => {
    const gone = device("traced-2");
    const page = await open("presence?client=traced-2");
    await openTrace(page, "traced-2", "Connected");
    gone.kill("SIGTERM");
    await openTrace(page, "traced-2", "Disconnected"); // appears beside the open trace
    await step(page, "write", "UpdateItem").getByRole("button").click();
    const item = page.getByRole("row").filter({hasText: "is_connected"});
    assert.deepEqual(await item.getByRole("cell").allTextContents(), ["true", "false"]);
    assert.equal(await item.getAttribute("class"), "presence-changed");
    await picture(page, "event");
    await step(page, "function", "UpdateDisconnected").getByRole("button").click();
    await page.getByText(/^REPORT RequestId: /).waitFor();
    await page.getByRole("button", {name: "Close the trace"}).first().click();
    await page.getByRole("grid", {name: "Presence"}).waitFor();
  },

  "a rule that did not match says why": async () => {
    device("valve-1");
    const page = await open("presence?client=valve-1");
    await openTrace(page, "valve-1", "Connected");
    await step(page, "rule", "only_pumps").getByText("WHERE is not true").waitFor();
    await step(page, "rule", "only_pumps").getByRole("button").click();
    await page.getByText("startswith(clientId, 'pump')", {exact: true}).waitFor();
    await page.getByText("false", {exact: true}).waitFor();
  },

  "what failed is told where it failed": async () => {
    device("pump-9");
    const page = await open("presence?client=pump-9");
    await openTrace(page, "pump-9", "Connected");
    await page.getByRole("region", {name: "The way of the event"}).getByText("Failed", {exact: true}).waitFor();
    await step(page, "action", "DynamoDBv2Action").getByRole("button").click();
    await page.getByText("ResourceNotFoundException: Requested resource not found").waitFor();
  },

  "hostile names and payloads are text": async () => {
    const id = "<img src=x onerror=alert(1)>";
    device(id, "-t", "<b>bold</b>/\u202egnp");
    const page = await open(`presence?client=${encodeURIComponent(id)}`);
    await openTrace(page, id, "Connected");
    await steps(page).first().getByRole("button").click();
    await page.locator(".payload").getByText(JSON.stringify(id)).waitFor();
    assert.equal(await page.locator("main img, main script, main b").count(), 0);
  },

  "a trace that is not kept is told with a way back": async () => {
    device("lost-1");
    const refused = {expected: /404/};
    const page = await open("presence?client=lost-1&trace=1-00000000-000000000000000000000001", refused);
    await page.getByText("is not known").waitFor();
    await page.getByRole("button", {name: "Close the trace"}).click();
    await page.getByRole("grid", {name: "Presence"}).waitFor();
    assert.equal((await fetch(`${gateway}/_croft/timeline/nobody`)).status, 404);
  },

  "the keyboard opens steps": async () => {
    device("keys-1");
    const page = await open("presence?client=keys-1");
    await openTrace(page, "keys-1", "Connected");
    const opened = (n) => steps(page).nth(n).locator(":scope > button").getAttribute("aria-expanded");
    await steps(page).first().locator(":scope > button").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.deepEqual([await opened(0), await opened(1)], ["false", "true"]);
    await page.keyboard.press("Enter");
    assert.equal(await opened(1), "false");
  },
});
