import assert from "node:assert/strict";
import {device, home, open, run} from "./browser.mjs";

const row = (page, id) => page.getByRole("row").filter({has: page.getByRole("gridcell", {name: id, exact: true})});

// Screens turn device-controlled text into nothing but text.
const markup = '<img src=x onerror=alert(1)>';
const script = '"><script>alert(2)</script>';
const rightToLeft = "pump\u202egnp.exe\u2066\u0645\u0631\u062d\u0628\u0627";
const long = "x".repeat(60) + "é".repeat(34); // 128 bytes

await run({
  "an empty screen says what to do": async () => {
    const page = await open();
    await page.getByText("No client has connected yet").waitFor();
    await page.getByText("mosquitto_sub -i hello").waitFor();
    await page.getByText("Live", {exact: true}).waitFor();
  },

  "a row flips on the open page, and its screen was not reloaded": async () => {
    const page = await open();
    await page.evaluate(() => (window.sameDocument = true));
    const pump = device("pump-1");
    await row(page, "pump-1").getByText("Connected", {exact: true}).waitFor();
    pump.kill("SIGKILL");
    await row(page, "pump-1").getByText("Disconnected", {exact: true}).waitFor();
    await row(page, "pump-1").getByText("CONNECTION_LOST").waitFor();
    device("pump-1");
    await row(page, "pump-1").getByText("Connected", {exact: true}).waitFor();
    assert.equal(await row(page, "pump-1").locator(".cell-version").textContent(), "1");
    assert.equal(await page.evaluate(() => window.sameDocument), true);
  },

  "a client that is away is there for a browser that comes later": async () => {
    device("pump-2").kill("SIGTERM");
    const page = await open();
    await row(page, "pump-1").getByText("Disconnected", {exact: true}).waitFor();
  },

  "hostile client ids are text": async () => {
    for (const id of [markup, script, rightToLeft, long]) device(id);
    const page = await open();
    for (const id of [markup, script, rightToLeft, long]) await row(page, id).getByText("Connected", {exact: true}).waitFor();
    for (const id of [markup, script, rightToLeft, long]) { // the rows stay where they are now
      await row(page, id).click();
      await page.getByRole("complementary", {name: `Client ${id}`}).getByRole("heading", {name: id}).waitFor();
    }
    assert.equal(await page.locator("main img, main script").count(), 0);
    // What turns the direction of text round stays inside its own cell.
    assert.equal(await row(page, rightToLeft).locator(".cell-id bdi").evaluate((cell) => getComputedStyle(cell).unicodeBidi), "isolate");
  },

  "filter, sort and the chosen client are in the URL": async () => {
    for (const id of ["tank-a", "tank-b", "tank-c"]) device(id);
    const page = await open();
    await row(page, "tank-c").waitFor();
    await page.getByRole("searchbox").fill("tank -tank-b");
    await page.getByRole("button", {name: "Client ID"}).click();
    await page.getByText(/^2 of \d+ clients$/).waitFor();
    await row(page, "tank-c").click();
    const shared = await open(null);
    await shared.goto(page.url());
    await shared.getByRole("heading", {name: "tank-c"}).waitFor();
    for (const id of ["tank-a", "tank-c"]) await row(shared, id).waitFor();
    assert.deepEqual(await shared.locator(".row .cell-id").allTextContents(), ["tank-a", "tank-c"]);
    assert.equal(await shared.getByRole("columnheader", {name: "Client ID"}).getAttribute("aria-sort"), "ascending");
    await shared.getByRole("combobox", {name: "Show"}).selectOption("disconnected");
    await shared.getByText("No client matches the filter.").waitFor();
    await shared.goBack();
    await row(shared, "tank-a").waitFor();
  },

  "the keyboard goes through the rows": async () => {
    const page = await open("presence?sort=id.up&q=tank");
    await row(page, "tank-a").waitFor();
    await page.getByRole("grid").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", {name: "tank-b"}).waitFor();
  },

  "Japanese": async () => {
    const page = await open("", {context: {locale: "ja-JP"}});
    await page.getByRole("link", {name: "プレゼンス"}).waitFor();
    assert.equal(await page.getAttribute("html", "lang"), "ja");
    await page.getByRole("combobox", {name: "言語"}).selectOption("en");
    await page.getByRole("link", {name: "Presence"}).waitFor();
    await page.reload();
    await page.getByRole("link", {name: "Presence"}).waitFor();
  },

  "a hundred thousand rows are in the table and few in the document": async () => {
    const page = await open(null);
    const many = 100_000;
    await page.route("**/api/clients?*", (route) => {
      const clients = Array.from({length: many}, (_, n) =>
        [`device-${n}`, n % 3 ? 1 : 0, 1_700_000_000_000 + n, "", n, "10.0.0.1", "anonymous", "", 60, "5.0", 0, 0]);
      return route.fulfill({json: {clients}});
    });
    await page.goto(`${home}presence?sort=id.up`);
    await page.getByText(`${many} clients`).waitFor();
    const grid = page.getByRole("grid");
    assert.equal(await grid.getAttribute("aria-rowcount"), String(many + 1));
    await grid.focus();
    await page.keyboard.press("End");
    await row(page, `device-${many - 1}`).waitFor();
    assert.ok((await page.locator(".row").count()) < 80);
    // Through all of it, a jump a frame: few rows are in the document at any time.
    const most = await page.evaluate(async () => {
      const table = document.querySelector(".table");
      let most = 0;
      for (let step = 0; step < 60; ++step) {
        table.scrollTop = (table.scrollHeight / 60) * step;
        await new Promise(requestAnimationFrame);
        most = Math.max(most, table.querySelectorAll(".row").length);
      }
      return most;
    });
    assert.ok(most > 5 && most < 200, `${most} rows`);
    device("device-new");
    await page.getByRole("searchbox").fill("device-new");
    await row(page, "device-new").getByText("Connected", {exact: true}).waitFor();
  },
});
