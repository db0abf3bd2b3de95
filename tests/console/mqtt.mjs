import assert from "node:assert/strict";
import {device, eventually, gateway, open, publish, run} from "./browser.mjs";

async function subscribed(page, filter) {
  await page.getByPlaceholder("Topic filter").fill(filter);
  await page.getByRole("button", {name: "Subscribe", exact: true}).click();
  await page.getByRole("button", {name: `Unsubscribe from ${filter}`}).waitFor();
}

const message = (page, topic) => page.getByRole("article", {name: topic, exact: true});

// A subscription has taken effect when it is in the client's timeline, after the connect it belongs to.
async function live(page) {
  const own = await page.locator(".connection code").textContent();
  await eventually(async () => {
    const answer = await fetch(`${gateway}/_croft/timeline/${own}`);
    const kinds = answer.ok ? (await answer.json()).entries.map(({kind}) => kind) : []; // newest first
    return kinds.slice(0, kinds.indexOf("connected")).includes("subscribed");
  }, "a subscription");
}

await run({
  "the lifecycle event of a device is shown": async () => {
    const page = await open("mqtt");
    await page.getByText("Connected", {exact: true}).waitFor();
    await page.getByRole("button", {name: "$aws/events/#", exact: true}).click();
    const own = await page.locator(".connection code").textContent();
    assert.match(own, /^iotconsole-[0-9a-f-]{36}$/);
    await message(page, `$aws/events/subscriptions/subscribed/${own}`).waitFor();
    const pump = device("pump-1");
    const connected = message(page, "$aws/events/presence/connected/pump-1");
    await connected.waitFor();
    const event = JSON.parse(await connected.locator("pre").textContent());
    assert.equal(event.clientId, "pump-1");
    assert.equal(event.eventType, "connected");
    assert.equal(event.ipAddress, "127.0.0.1");
    pump.kill("SIGKILL");
    const gone = message(page, "$aws/events/presence/disconnected/pump-1");
    await gone.waitFor();
    assert.equal(JSON.parse(await gone.locator("pre").textContent()).disconnectReason, "CONNECTION_LOST");
    // Newest first.
    const topics = await page.getByRole("article").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
    assert.ok(topics.indexOf("$aws/events/presence/disconnected/pump-1") < topics.indexOf("$aws/events/presence/connected/pump-1"));
    // The page itself is a client like others.
    await page.getByRole("link", {name: "Presence"}).click();
    await page.getByRole("gridcell", {name: own, exact: true}).waitFor();
  },

  "what is published comes back, with MQTT 5's properties": async () => {
    const page = await open("mqtt");
    await page.getByText("Connected", {exact: true}).waitFor();
    await subscribed(page, "hello/#");
    await live(page);
    await page.getByText("MQTT 5 properties").click();
    await page.getByLabel("Content type").fill("application/json");
    await page.getByLabel("User properties").fill("plant=seven\nplant=eight");
    await page.getByPlaceholder("Topic", {exact: true}).fill("hello/world");
    await page.getByRole("textbox", {name: "Payload"}).fill('{"n":12345678901234567890}');
    await page.getByRole("button", {name: "Publish"}).click();
    const one = message(page, "hello/world");
    await one.waitFor();
    assert.equal(await one.locator("pre").textContent(), '{\n  "n": 12345678901234567890\n}');
    assert.deepEqual(await one.locator(".properties div").allTextContents(), ["Content typeapplication/json", "plantseven", "planteight"]);
    await page.getByText("Published to hello/world").waitFor();
  },

  "hostile payloads and topics are text": async () => {
    const page = await open("mqtt?sub=0+hostile/%23");
    await page.getByText("Connected", {exact: true}).waitFor();
    await live(page);
    const payload = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const topic = 'hostile/<svg onload=alert(3)>/"onmouseover="alert(4)';
    await publish(topic, payload);
    const one = message(page, topic);
    await one.waitFor();
    assert.equal(await one.locator("pre").textContent(), payload);
    await one.getByRole("button", {name: "Hex"}).click();
    assert.match(await one.locator("pre").textContent(), /^0000 {2}3c 69 6d 67 20 73 72 63/);
    await publish("hostile/binary", Buffer.from([0, 255, 1, 2]));
    assert.equal(await message(page, "hostile/binary").locator("pre").textContent(), `0000  00 ff 01 02${" ".repeat(36)}  ····`);
    assert.equal(await page.locator("main img, main script, main article svg").count(), 0);
  },

  "pause, resume, filter, clear": async () => {
    const page = await open("mqtt?sub=1+t/%23");
    await page.getByText("Connected", {exact: true}).waitFor();
    await live(page);
    await publish("t/zero", "cleared");
    await message(page, "t/zero").waitFor();
    await page.getByRole("button", {name: "Clear"}).click();
    await page.getByRole("button", {name: "Pause"}).click();
    await publish("t/one", "first");
    await publish("t/two", "second");
    await page.getByText("2 waiting").waitFor();
    assert.equal(await page.getByRole("article").count(), 0);
    await page.getByRole("button", {name: "Resume"}).click();
    await message(page, "t/two").waitFor();
    await page.getByRole("searchbox").fill("FIRST");
    await message(page, "t/two").waitFor({state: "detached"});
    assert.equal(await page.getByRole("article").count(), 1);
    assert.match(page.url(), /sub=1\+t%2F%23&q=FIRST$/);
  },

  "MQTT 3.1.1, and subscriptions that come back with the connection": async () => {
    const page = await open("mqtt");
    await page.getByText("Connected", {exact: true}).waitFor();
    await page.getByRole("combobox", {name: "MQTT version"}).selectOption("4");
    await page.getByText("Connected", {exact: true}).waitFor();
    await subscribed(page, "three/#");
    await live(page);
    await page.getByRole("button", {name: "Disconnect"}).click();
    await page.getByText("Not connected").waitFor();
    await page.getByRole("button", {name: "Connect", exact: true}).click();
    await page.getByText("Connected", {exact: true}).waitFor();
    await live(page);
    await publish("three/one", "again");
    await message(page, "three/one").getByText("again").waitFor();
  },
});
