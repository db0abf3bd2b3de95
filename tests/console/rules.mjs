import assert from "node:assert/strict";
import {aws} from "./aws.mjs";
import {device, open, publish, retype, run} from "./browser.mjs";
import {arnOf, permit, python, rule} from "./functions_setup.mjs";

// The editor itself, not the text area that stands there until it has come.
const editor = (page, name) => page.locator(`.cm-content[aria-label="${name}"]`);
const outcome = (page, kind) => page.locator(`.rules-outcome[data-outcome="${kind}"]`);

const figure = (page, name) => page.locator(".figure-row div", {has: page.locator("dt", {hasText: name})}).locator("dd");

async function figureIs(page, name, value) {
  await page.locator(".figure-row div", {hasText: name}).locator("dd", {hasText: new RegExp(`^${value}$`)}).waitFor();
  assert.equal(await figure(page, name).textContent(), value);
}

await run({
  "a rule is written, tried, saved, and its numbers go up": async () => {
    const page = await open("rules");
    await page.getByRole("heading", {name: "No rules yet"}).waitFor();
    await page.getByRole("link", {name: "Create rule"}).click();
    await page.getByLabel("Name", {exact: true}).fill("hot");
    await outcome(page, "RESULT").waitFor();
    await retype(page, "SQL statement", "SELECT device, celsius * 2 AS twice FROM 'plant/+' WHERE celsius > 30");
    await page.getByLabel("Topic", {exact: true}).fill("plant/1");
    await retype(page, "Payload", '{"device": "pump", "celsius": 31}');
    await outcome(page, "RESULT").locator("pre", {hasText: /"twice": 62\b/}).waitFor();
    assert.deepEqual(JSON.parse(await outcome(page, "RESULT").locator("pre").textContent()), {device: "pump", twice: 62});
    await retype(page, "Payload", '{"device": "pump", "celsius": 29}');
    await outcome(page, "NOT_TRUE").getByText("celsius > 30").waitFor();
    assert.match(await outcome(page, "NOT_TRUE").locator(".rules-step").first().textContent(), /^WHEREcelsius > 30 → false$/);
    await page.getByLabel("Topic", {exact: true}).fill("other");
    await outcome(page, "OTHER_TOPIC").getByText("plant/+").waitFor();
    await page.getByRole("button", {name: "Create", exact: true}).click();
    await page.getByRole("heading", {name: "hot"}).waitFor();
    assert.match(page.url(), /rules\?rule=hot$/);
    assert.equal((await aws("iot", "GET", "/rules/hot")).rule.sql, "SELECT device, celsius * 2 AS twice FROM 'plant/+' WHERE celsius > 30");
    await figureIs(page, "Messages matched", "0");
    await publish("plant/1", '{"device":"pump","celsius":50}');
    await publish("plant/2", '{"device":"pump","celsius":5}');
    await figureIs(page, "Messages matched", "2");
    await figureIs(page, "Let through", "1");
    await figureIs(page, "Held back", "1");
  },

  "an error of the statement is marked where it is, in the draft and when it is saved": async () => {
    await rule("marked", "SELECT * FROM 'marked/#'");
    const page = await open("rules?rule=marked");
    await editor(page, "SQL statement").waitFor();
    const sql = "SELECT 'é𝄞' AS x,\n  temperature + FROM 'marked/#'";
    await retype(page, "SQL statement", sql);
    await outcome(page, "REFUSED").waitFor();
    // The range in the editor's text that carries the mark.
    const marked = page.locator(".cm-lintRange-error");
    await marked.waitFor();
    assert.equal(await marked.textContent(), "FROM");
    assert.equal(await page.locator(".cm-line", {has: marked}).textContent(), "  temperature + FROM 'marked/#'");
    await page.locator(".rules-wrong").getByText("expected an expression, found 'FROM'").waitFor();
    await page.getByRole("button", {name: "Save"}).click();
    await page.getByRole("alert").getByText("SqlParseException: line 2, column 17").waitFor();
    assert.equal(await editor(page, "SQL statement").locator(".cm-line").count(), 2, "what was written is still there");
    assert.equal((await aws("iot", "GET", "/rules/marked")).rule.sql, "SELECT * FROM 'marked/#'");
    await retype(page, "SQL statement", "SELECT temperature FROM 'marked/#'");
    await marked.waitFor({state: "detached"});
    await page.getByRole("button", {name: "Save"}).click();
    await page.getByText("Saved", {exact: true}).waitFor();
    assert.equal((await aws("iot", "GET", "/rules/marked")).rule.sql, "SELECT temperature FROM 'marked/#'");
    await page.getByRole("alert").waitFor({state: "detached"});
  },

  "a statement is tried on the last message seen, lifecycle events too": async () => {
    await rule("presence", "SELECT clientId, eventType FROM '$aws/events/presence/+/#'");
    device("tank-7", "-V", "5");
    const page = await open("rules?rule=presence");
    await page.locator(".figure-row div", {hasText: "Messages matched"}).locator("dd", {hasText: /^[1-9]/}).waitFor();
    await page.getByRole("button", {name: "Take the last message"}).click();
    await page.getByLabel("Topic", {exact: true}).and(page.locator("[value='$aws/events/presence/connected/tank-7']")).or(page.getByLabel("Topic", {exact: true})).first().waitFor();
    await outcome(page, "RESULT").locator("pre", {hasText: "tank-7"}).waitFor();
    assert.equal(await page.getByLabel("Topic", {exact: true}).inputValue(), "$aws/events/presence/connected/tank-7");
    assert.deepEqual(JSON.parse(await outcome(page, "RESULT").locator("pre").textContent()), {clientId: "tank-7", eventType: "connected"});
  },

  "hostile payloads and topics are text": async () => {
    await rule("hostile", "SELECT * FROM 'hostile/#'");
    const page = await open("rules?rule=hostile");
    await page.getByRole("button", {name: "Take the last message"}).click();
    await page.getByText("No message has matched this rule since croft started.").waitFor();
    const topic = 'hostile/<svg onload=alert(1)>/"onmouseover="alert(2)';
    await publish(topic, '{"a":"<img src=x onerror=alert(3)>"}');
    await figureIs(page, "Messages matched", "1");
    await page.getByRole("button", {name: "Take the last message"}).click();
    await outcome(page, "RESULT").locator("pre", {hasText: "onerror"}).waitFor();
    assert.equal(await page.getByLabel("Topic", {exact: true}).inputValue(), topic);
    await publish("hostile/bytes", Buffer.from([0xff, 0, 1]));
    await figureIs(page, "Messages matched", "2");
    await page.getByRole("button", {name: "Take the last message"}).click();
    await page.getByText("3 bytes that are no text").waitFor();
    assert.equal(await page.locator("main img, main script, main svg").count(), 0);
  },

  "actions are added from a beginning, wrong JSON is told, functions are let in": async () => {
    await python("heat", "def handler(event, context):\n    return event\n");
    await rule("heat_rule", "SELECT * FROM 'heat/#'");
    const page = await open("rules?rule=heat_rule&tab=actions");
    await page.getByRole("combobox", {name: "Add an action…"}).selectOption("lambda");
    await editor(page, "Actions").getByText("function:FUNCTION").waitFor();
    await page.getByText("There is no such function.").waitFor();
    await retype(page, "Actions", '[{"lambda": }]');
    await page.locator(".cm-lintRange-error").waitFor();
    assert.equal(await page.locator(".cm-lintRange-error").textContent(), "}");
    await page.getByRole("button", {name: "Save"}).click();
    await page.getByRole("alert").getByText("JSON: ").waitFor();
    await retype(page, "Actions", JSON.stringify([{lambda: {functionArn: arnOf("heat")}}]));
    await page.getByRole("button", {name: "Save"}).click();
    await page.getByText("Saved", {exact: true}).waitFor();
    await page.getByRole("button", {name: "Allow"}).click();
    await page.getByText("The rule may invoke it.").waitFor();
    await publish("heat/1", '{"a":1}');
    await page.locator(".figure-row div", {hasText: "LambdaAction: done / failed"}).locator("dd", {hasText: "1 / 0"}).waitFor();
    await page.getByRole("link", {name: "heat", exact: true}).click();
    await page.getByRole("heading", {name: "heat"}).waitFor();
    assert.match(page.url(), /functions\?function=heat$/);
  },

  "a failed message is replayed to its rule when that is repaired": async () => {
    await python("store", "def handler(event, context):\n    print('kept', event)\n");
    await rule("replayed", "SELECT n, topic() AS t FROM 'replay/+'", [{lambda: {functionArn: arnOf("store")}}]);
    await publish("replay/7", '{"n":7}');
    const page = await open("rules?rule=replayed&tab=failures");
    const failure = page.locator(".rules-failure");
    await failure.waitFor();
    assert.match(await failure.textContent(), /LambdaAction.*AccessDeniedException: Failed to invoke lambda function/);
    await permit("store", "replayed");
    await failure.getByRole("button", {name: "Replay…"}).click();
    const original = page.getByRole("article", {name: "replay/7"});
    await original.waitFor();
    assert.equal(await original.locator("pre").textContent(), '{\n  "n": 7\n}');
    await page.getByRole("button", {name: "Publish again"}).click();
    await page.getByRole("dialog").getByText("To $aws/rules/replayed/replay/7").waitFor();
    await page.getByRole("dialog").getByRole("button", {name: "Publish again"}).click();
    await page.getByText("Published to $aws/rules/replayed/replay/7").waitFor();
    await page.locator(".figure-row div", {hasText: "LambdaAction: done / failed"}).locator("dd", {hasText: "1 / 1"}).waitFor();
    await retype(page, "Error document", '{"topic":"x"}');
    await page.getByText("This is no error document").waitFor();
    // A pasted one, to its topic.
    await retype(page, "Error document", JSON.stringify({ruleName: "replayed", topic: "replay/8", base64OriginalPayload: Buffer.from('{"n":8}').toString("base64"), failures: []}));
    await page.getByRole("radio", {name: "its topic"}).check();
    await page.getByRole("button", {name: "Publish again"}).click();
    await page.getByRole("dialog").getByRole("button", {name: "Publish again"}).click();
    await page.getByText("Published to replay/8", {exact: true}).waitFor();
    await page.locator(".figure-row div", {hasText: "LambdaAction: done / failed"}).locator("dd", {hasText: "2 / 1"}).waitFor();
    const logs = await (await fetch(`${process.env.CROFT_GATEWAY}/_croft/functions/store/logs?after=0`)).json();
    const printed = logs.lines.map(({text}) => text).filter((text) => text.startsWith("kept"));
    assert.deepEqual(printed, ["kept {'n': 7, 't': 'replay/7'}", "kept {'n': 8, 't': 'replay/8'}"]);
  },

  "a rule is disabled, enabled, deleted after a question": async () => {
    await rule("goes", "SELECT * FROM 'goes'");
    const page = await open("rules?q=goes");
    await page.getByRole("gridcell", {name: "goes", exact: true}).first().click();
    await page.getByRole("heading", {name: "goes"}).waitFor();
    await page.getByRole("button", {name: "Disable"}).click();
    await page.locator(".heading").getByText("Disabled").waitFor();
    assert.equal((await aws("iot", "GET", "/rules/goes")).rule.ruleDisabled, true);
    await page.getByRole("button", {name: "Enable"}).click();
    await page.locator(".heading").getByText("Enabled").waitFor();
    await page.getByRole("button", {name: "Delete"}).click();
    await page.getByRole("dialog").getByText("Rule goes goes for good.").waitFor();
    await page.getByRole("dialog").getByRole("button", {name: "Cancel"}).click();
    await page.getByRole("dialog").waitFor({state: "detached"});
    assert.equal((await aws("iot", "GET", "/rules/goes")).rule.ruleName, "goes");
    await page.getByRole("button", {name: "Delete"}).click();
    await page.getByRole("dialog").getByRole("button", {name: "Delete"}).click();
    await page.getByRole("grid", {name: "Rules"}).waitFor();
    assert.equal((await aws("iot", "GET", "/rules")).rules.some(({ruleName}) => ruleName === "goes"), false);
  },
});
