// Health: the figures of a croft that works, what waits, what failed.
import assert from "node:assert/strict";
import {device, eventually, gateway, open, publish, run} from "./browser.mjs";

const figure = (page, name) => page.locator(".health-figures .figure").filter({has: page.getByText(name, {exact: true})}).locator("dd");
const fact = (page, name) => page.locator(".health-facts dt").getByText(name, {exact: true}).locator("xpath=following-sibling::dd[1]");
const rowOf = (page, name) => page.getByRole("row").filter({has: page.getByRole("rowheader", {name, exact: true})});

await run({
  "the process, and figures that move each second": async () => {
    const page = await open("health");
    await page.getByText("Nothing waits and nothing failed in the last minute.").waitFor();
    const instance = await (await fetch(`${gateway}/_croft/instance`)).json();
    assert.equal(await fact(page, "Process ID").textContent(), String(instance.pid));
    assert.equal(await fact(page, "Version").textContent(), instance.version);
    assert.equal(await fact(page, "Data folder").textContent(), instance.dataFolder);
    assert.equal(await fact(page, "MQTT with TLS").textContent(), instance.endpoints.mqtts);
    assert.match(await fact(page, "Memory").textContent(), /^\d+(\.\d)? MB$/);
    assert.match(await fact(page, "Open descriptors").textContent(), /^\d+ of [\d,]+$/);
    const before = await fact(page, "Running for").textContent();
    await eventually(async () => (await fact(page, "Running for").textContent()) !== before, "time");
    const child = device("pump-1");
    await eventually(async () => (await figure(page, "Connections").textContent()) === "1", "a connection");
    await eventually(async () => Number((await rowOf(page, "CONNECT to CONNACK").getByRole("cell").first().textContent()) ?? 0) >= 1, "its time");
    await eventually(async () => /ms$/.test((await rowOf(page, "One sync of the disk").getByRole("cell").nth(1).textContent()) ?? ""), "a sync");
    await publish("pump-1/x", "hello");
    await eventually(async () => Number((await rowOf(page, "A message, until it is with the sockets").getByRole("cell").first().textContent()) ?? 0) >= 1, "a message");
    child.kill("SIGKILL");
    await eventually(async () => (await figure(page, "Connections").textContent()) === "0", "its end");
    assert.equal(await page.locator(".health-plots .plot canvas").count(), 4);
  },

  "what failed is red, and said in the first line": async () => {
    const page = await open("health");
    await page.getByText("Nothing waits and nothing failed in the last minute.").waitFor();
    await publish("x", "y", "-i", "z".repeat(129)).catch(() => undefined); // AWS takes 128 bytes
    await page.locator(".health-status").getByText(/^Look here: .*Connects refused: \w+ \(1\)/).waitFor();
    const row = page.getByRole("row").filter({hasText: /^Connects refused/});
    assert.equal(await row.locator(".health-bad").textContent(), "1");
  },

  "a croft that does not answer is not shown as one that does": async () => {
    const page = await open("health", {expected: /Failed to load resource/});
    await figure(page, "Connections").waitFor();
    await page.route("**/metrics", (route) => route.abort());
    await page.getByText("croft does not answer. What is shown is the last that came.").waitFor();
    await page.unroute("**/metrics");
    await page.getByText("croft does not answer.").waitFor({state: "detached"});
  },

  "Japanese": async () => {
    const page = await open("health", {context: {locale: "ja-JP"}});
    await page.getByRole("heading", {name: "プロセス", exact: true}).waitFor();
    await page.getByRole("link", {name: "デバイス"}).click();
    await page.getByRole("tab", {name: "証明書"}).click();
    await page.getByText("まだ証明書はありません").waitFor();
  },
});
