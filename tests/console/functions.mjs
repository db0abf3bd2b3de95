import assert from "node:assert/strict";
import {aws, sqs} from "./aws.mjs";
import {device, open, retype, run} from "./browser.mjs";
import {arnOf, permit, python, rule} from "./functions_setup.mjs";

const result = (page, kind) => page.locator(`.functions-result[data-outcome="${kind}"]`);
const fact = (part, name) => part.locator("dt", {hasText: new RegExp(`^${name}$`)}).locator("xpath=following-sibling::dd[1]");

await run({
  "an event is invoked: result, log, duration, cold and then warm": async () => {
    await python("double", "def handler(event, context):\n    print('doubling', event['n'])\n    return {'twice': event['n'] * 2}\n", {MemorySize: 256});
    const page = await open("functions");
    await page.getByRole("gridcell", {name: "double"}).click();
    assert.match(page.url(), /functions\?function=double$/);
    await retype(page, "Event", '{"n": 21}');
    await page.getByRole("button", {name: "Invoke"}).click();
    await result(page, "succeeded").waitFor();
    assert.deepEqual(JSON.parse(await result(page, "succeeded").locator(".payload pre").textContent()), {twice: 42});
    assert.match(await fact(result(page, "succeeded"), "Start").textContent(), /^cold, \d+ ms to start$/);
    assert.match(await fact(result(page, "succeeded"), "Memory used").textContent(), /^\d+ of 256 MB$/);
    assert.match(await result(page, "succeeded").locator(".functions-tail pre").textContent(), /^START RequestId: .*\ndoubling 21\nEND RequestId: .*\nREPORT /);
    await page.getByRole("button", {name: "Invoke"}).click();
    await fact(result(page, "succeeded"), "Start").getByText("warm").waitFor();
    await page.locator(".figure-row div", {hasText: "Invocations"}).locator("dd", {hasText: /^2$/}).waitFor();
    // The event is kept for this function.
    assert.equal(await page.getByText("Made by the stack").count(), 0);
    await page.reload();
    await page.getByRole("textbox", {name: "Event"}).getByText("21").waitFor();
  },

  "an error is shown with its stack, a wrong event before it is sent": async () => {
    await python("broken", "def inner(event):\n    raise ValueError('no <b>way</b>')\ndef handler(event, context):\n    inner(event)\n");
    const page = await open("functions?function=broken");
    await retype(page, "Event", '{"a": }');
    await page.getByText("The event is not JSON: ").waitFor();
    await page.getByRole("button", {name: "Invoke"}).click();
    await page.getByRole("alert").getByText("InvalidRequestContentException: ").waitFor();
    await page.getByRole("combobox", {name: "Begin with…"}).selectOption("connected");
    await page.getByRole("button", {name: "Invoke"}).click();
    const failed = result(page, "failed");
    await failed.getByText("ValueError").first().waitFor();
    assert.equal(await failed.locator(".functions-error p").textContent(), "ValueError: no <b>way</b>");
    assert.match(await failed.locator(".functions-error pre").textContent(), /line 4, in handler[\s\S]*line 2, in inner/);
    await page.locator(".figure-bad", {hasText: "Errors"}).locator("dd", {hasText: /^1$/}).waitFor();
  },

  "logs and invocations appear live while a device connects; one is invoked again": async () => {
    await python("seen", "def handler(event, context):\n    print('hello', event['clientId'])\n    if event['clientId'] == 'bad-1': raise KeyError('bad')\n    return event['versionNumber']\n");
    await rule("seen_rule", "SELECT * FROM '$aws/events/presence/connected/+'", [{lambda: {functionArn: arnOf("seen")}}]);
    await permit("seen", "seen_rule");
    const page = await open("functions?function=seen&tab=logs");
    await page.getByRole("heading", {name: "No log line yet"}).waitFor();
    device("pump-9");
    const log = page.getByRole("log", {name: "Logs"});
    await log.getByText("hello pump-9").waitFor();
    assert.match(await log.locator(".functions-line").first().textContent(), /INIT_START Runtime Version: python/);
    await log.locator(".functions-line-report").waitFor();
    await page.getByRole("tab", {name: "Invocations"}).click();
    const grid = page.getByRole("grid", {name: "Invocations"});
    const row = grid.getByRole("row").nth(1);
    await row.getByRole("link", {name: "seen_rule"}).waitFor();
    assert.match(await row.textContent(), /OK.*cold/);
    await row.getByRole("gridcell").first().click();
    const details = page.getByRole("complementary", {name: "Invocation"});
    assert.equal(JSON.parse(await details.locator(".payload pre").last().textContent()).clientId, "pump-9");
    assert.match(page.url(), /tab=invocations&invocation=\d+$/);
    await details.getByRole("button", {name: "Invoke again with this event"}).click();
    await page.getByRole("dialog").getByRole("button", {name: "Invoke"}).click();
    await result(page, "succeeded").waitFor();
    // The repeated one is the newest row, and who asked was the page.
    await grid.getByRole("row").nth(2).waitFor();
    assert.match(await grid.getByRole("row").nth(1).textContent(), /OK.*warm.*API/);
    assert.equal(await details.getByRole("link", {name: "seen_rule"}).count(), 1, "the chosen one stays");
    device("bad-1");
    await grid.getByText("Failed").first().waitFor();
  },

  "code is read, a file at a time": async () => {
    await python("read", "# the <script>alert(1)</script> of it\ndef handler(event, context):\n    return 1\n");
    const page = await open("functions?function=read&tab=code");
    await page.getByRole("textbox", {name: "index.py"}).getByText("def handler(event, context):").waitFor();
    await page.getByRole("button", {name: "data/notes.json"}).click();
    await page.getByRole("textbox", {name: "data/notes.json"}).getByText('{"kept": true}').waitFor();
    assert.match(page.url(), /file=data%2Fnotes.json$/);
    assert.equal(await page.getByRole("textbox", {name: "data/notes.json"}).getAttribute("contenteditable"), "false");
  },

  "configuration: values are hidden until asked for, event sources and who may invoke": async () => {
    await python("fed", "def handler(event, context):\n    return len(event['Records'])\n", {Environment: {Variables: {TOKEN: "very-secret"}}, Timeout: 9});
    await sqs("CreateQueue", {QueueName: "work"});
    await aws("lambda", "POST", "/2015-03-31/event-source-mappings", {EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:work", FunctionName: "fed", BatchSize: 3});
    await permit("fed", "any_rule");
    const page = await open("functions?function=fed&tab=configuration");
    await page.getByText("9 s", {exact: true}).waitFor();
    await page.getByText("TOKEN").waitFor();
    assert.equal(await page.getByText("very-secret").count(), 0);
    await page.getByRole("button", {name: "Show values"}).click();
    await page.getByText("very-secret").waitFor();
    const source = page.getByRole("region", {name: "Event sources"});
    assert.match(await source.textContent(), /Queue.*work.*Enabled.*3 at a time/);
    await source.getByRole("link", {name: "work"}).waitFor();
    await page.getByRole("region", {name: "Who may invoke it"}).getByRole("link", {name: "any_rule"}).waitFor();
    // What the queue brings is an invocation whose source is the queue.
    await sqs("SendMessage", {QueueUrl: `${process.env.CROFT_GATEWAY}/000000000000/work`, MessageBody: "x"});
    await page.getByRole("tab", {name: "Invocations"}).click();
    await page.getByRole("grid", {name: "Invocations"}).getByRole("link", {name: "work"}).waitFor();
  },

  "a function is deleted after a question": async () => {
    await python("goes", "def handler(event, context):\n    return 1\n");
    const page = await open("functions?function=goes");
    await page.getByRole("button", {name: "Delete"}).click();
    await page.getByRole("dialog").getByText("Function goes goes for good").waitFor();
    await page.getByRole("dialog").getByRole("button", {name: "Delete"}).click();
    await page.getByRole("grid", {name: "Functions"}).waitFor();
    await page.getByRole("gridcell", {name: "goes", exact: true}).waitFor({state: "detached"});
    await assert.rejects(aws("lambda", "GET", "/2015-03-31/functions/goes"), /404/);
  },
});
