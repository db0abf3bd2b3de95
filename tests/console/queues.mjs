// Queues in the browser. CROFT_GATEWAY has: jobs with three messages and the dead-letter queue jobs-dead, hostile with what its
// name says, orders.fifo with two messages of a group, back-dead with dead letters of back.
import assert from "node:assert/strict";
import {open, run} from "./browser.mjs";

const message = (page, text) => page.getByRole("article").filter({hasText: text});
const figure = (page, name, count) =>
  page.locator(".queues-figures div").filter({hasText: name}).getByText(String(count), {exact: true}).waitFor();
const cells = async (page, name) => {
  const row = page.getByRole("row").filter({has: page.getByRole("gridcell", {name, exact: true})});
  return (await row.getByRole("gridcell").allTextContents()).map((text) => text.trim());
};

const said = (page, text) => page.getByRole("alert").getByText(text).waitFor();

const markup = '<img src=x onerror=alert(1)>';

await run({
  "the list has the numbers of each queue": async () => {
    const page = await open("queues");
    await page.getByRole("gridcell", {name: "jobs", exact: true}).waitFor();
    const [, visible, inFlight, delayed, oldest, type, dead] = await cells(page, "jobs");
    assert.deepEqual([visible, inFlight, delayed, type, dead], ["3", "0", "1", "Standard", "jobs-dead"]);
    assert.match(oldest, /^(now|\d+ (s|min))$/);
    assert.deepEqual((await cells(page, "orders.fifo")).slice(1, 6).filter((_, n) => n !== 3), ["2", "0", "0", "FIFO"]);
    await page.getByRole("searchbox").fill("orders");
    await page.getByText("1 of 7 queues").waitFor();
    assert.match(page.url(), /queues\?q=orders$/);
    await page.getByRole("gridcell", {name: "orders.fifo"}).click();
    await page.getByRole("heading", {name: "Queues orders.fifo"}).waitFor();
  },

  "messages are looked at with all that they have": async () => {
    const page = await open("queues?queue=jobs");
    const first = message(page, "job 1");
    await first.getByText("available", {exact: true}).waitFor();
    await first.getByText("never received").waitFor();
    await first.getByText("alarm", {exact: true}).waitFor();
    await first.getByText("0000 00 01 ff").waitFor();
    await message(page, "later").getByText(/^delayed until \d\d:\d\d:\d\d$/).waitFor();
    for (let looks = 0; looks < 3; ++looks) await page.waitForResponse(/\/_croft\/queues\/jobs\/messages$/);
    await first.getByText("never received").waitFor();
    await figure(page, "Available", 3);
    await figure(page, "In flight", 0);
    await figure(page, "Delayed", 1);
  },

  "hostile bodies and attributes are text": async () => {
    const page = await open("queues?queue=hostile");
    for (const text of [markup, "hidden\u202etxt.exe"]) await message(page, text).first().waitFor();
    await page.getByRole("button", {name: "Text", exact: true}).first().click();
    assert.equal(await page.locator("main img, main script").count(), 0);
  },

  "a message is sent with its attributes, and comes without a reload": async () => {
    const page = await open("queues?queue=sent");
    await page.getByText("No message", {exact: true}).waitFor();
    await page.getByText("aws sqs send-message --queue-url").waitFor();
    await page.getByRole("tab", {name: "Send"}).click();
    assert.match(page.url(), /queue=sent&tab=send$/);
    await page.getByLabel("Body").fill("hello from the page");
    await page.getByRole("button", {name: "Add an attribute"}).click();
    await page.getByRole("textbox", {name: "Name 1"}).fill("kind");
    await page.getByRole("textbox", {name: "Value 1"}).fill(markup);
    await page.getByRole("button", {name: "Add an attribute"}).click();
    await page.getByRole("textbox", {name: "Name 2"}).fill("raw");
    await page.getByRole("combobox", {name: "Type 2"}).selectOption("Binary");
    await page.getByRole("textbox", {name: "Value 2"}).fill("not base64!");
    await page.getByRole("button", {name: "Send message"}).click();
    await page.getByRole("alert").getByText("SerializationException").waitFor();
    assert.equal(await page.getByRole("textbox", {name: "Value 1"}).inputValue(), markup, "nothing is lost");
    await page.getByRole("textbox", {name: "Value 2"}).fill("AAH/");
    await page.getByRole("button", {name: "Send message"}).click();
    await page.getByRole("status").getByText(/^Sent: [0-9a-f-]{36}$/).waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
    await figure(page, "Available", 1);
    await page.getByRole("tab", {name: "Messages"}).click();
    await message(page, "hello from the page").getByText(markup, {exact: true}).waitFor();
  },

  "one message is deleted, from a FIFO queue too": async () => {
    for (const [queue, gone, stays] of [["jobs", "job 2", "job 1"], ["orders.fifo", "order 1", "order 2"]]) {
      const page = await open(`queues?queue=${queue}`);
      await message(page, gone).getByRole("button", {name: /^Delete message/}).click();
      const dialog = page.getByRole("dialog", {name: "Delete this message?"});
      assert.match(await dialog.textContent(), new RegExp(gone));
      await dialog.getByRole("button", {name: "Delete", exact: true}).click();
      await message(page, gone).waitFor({state: "detached"});
      await message(page, stays).waitFor();
      assert.equal(await page.getByRole("alert").count(), 0);
    }
  },

  "dead letters go back to where they came from": async () => {
    const page = await open("queues?queue=back-dead&tab=redrive");
    await page.getByText("Dead letters of back go back to where they came from").waitFor();
    await figure(page, "Available", 2);
    await page.getByRole("button", {name: "Start redrive"}).click();
    await page.getByText("COMPLETED", {exact: true}).waitFor();
    await page.getByText("2 of 2").waitFor();
    await figure(page, "Available", 0);
    await page.getByRole("link", {name: "Queues"}).first().click();
    await page.getByRole("gridcell", {name: "back", exact: true}).click();
    await figure(page, "Available", 2);
    await page.getByRole("tab", {name: "Redrive"}).click();
    await page.getByText("No queue has this one as its dead-letter queue").waitFor();
  },

  "a queue is made, a FIFO queue with dead letters": async () => {
    const page = await open("queues?new=1");
    const make = async (name) => {
      await page.getByLabel("Name").fill(name);
      await page.getByLabel("Type").selectOption("fifo");
    };
    await make("made-dead");
    await page.getByRole("button", {name: "Create queue"}).click();
    await page.getByRole("heading", {name: "Queues made-dead.fifo"}).waitFor();
    await page.goto(page.url().replace(/\?.*/, "?new=1"));
    await make("made.fifo");
    await page.getByLabel("Visibility timeout (s)").fill("90000");
    await page.getByLabel("Dead-letter queue").selectOption("made-dead.fifo");
    await page.getByLabel("Maximum receives").fill("4");
    await page.getByRole("button", {name: "Create queue"}).click();
    await said(page, "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.");
    await page.getByLabel("Visibility timeout (s)").fill("90");
    await page.getByRole("button", {name: "Create queue"}).click();
    await page.getByRole("heading", {name: "Queues made.fifo"}).waitFor();
    await page.getByRole("link", {name: "made-dead.fifo"}).waitFor();
    await page.getByRole("tab", {name: "Settings"}).click();
    await page.getByRole("row", {name: "VisibilityTimeout 90"}).waitFor();
  },

  "a purge asks, and empties the queue": async () => {
    const page = await open("queues?queue=hostile");
    await message(page, markup).first().waitFor();
    await page.getByRole("button", {name: "Purge"}).click();
    const dialog = page.getByRole("dialog", {name: "Purge hostile?"});
    await dialog.getByText("2 messages of the queue are deleted").waitFor();
    await dialog.getByRole("button", {name: "Cancel"}).click();
    await figure(page, "Available", 2);
    await page.getByRole("button", {name: "Purge"}).click();
    await dialog.getByRole("button", {name: "Purge"}).click();
    await figure(page, "Available", 0);
    await page.getByText("No message", {exact: true}).waitFor();
    await page.getByRole("button", {name: "Purge"}).click();
    await dialog.getByRole("button", {name: "Purge"}).click();
    await said(page, "PurgeQueueInProgress: Only one PurgeQueue operation on hostile is allowed every 60 seconds.");
  },

  "a deletion asks, with the queues that need it": async () => {
    const page = await open("queues?queue=made-dead.fifo");
    await page.getByRole("button", {name: "Delete", exact: true}).click();
    const dialog = page.getByRole("dialog", {name: "Delete the queue made-dead.fifo?"});
    await dialog.getByText("It is the dead-letter queue of: made.fifo").waitFor();
    await dialog.getByRole("button", {name: "Delete", exact: true}).click();
    await page.getByRole("heading", {name: "Queues", exact: true}).waitFor();
    await page.locator(".cell-id").getByText("made.fifo", {exact: true}).waitFor();
    await page.locator(".cell-id").getByText("made-dead.fifo", {exact: true}).waitFor({state: "detached"});
  },
});
