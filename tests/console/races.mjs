// Answers that come late, or in another order than they were asked for: what is shown is what was asked for last.
import assert from "node:assert/strict";
import {aws, sqs} from "./aws.mjs";
import {home, open, retype, run} from "./browser.mjs";
import {makeStack} from "./filled.mjs";
import {rule} from "./functions_setup.mjs";
import {ask, dynamo} from "./tables_setup.mjs";

// Holds back what matches until free() is called, which resolves when the page has it. `asked` resolves with the first request.
async function hold(page, url, wanted = () => true) {
  let free, tell;
  const released = new Promise((resolve) => (free = resolve));
  const asked = new Promise((resolve) => (tell = resolve));
  const held = [];
  await page.route(url, (route) => {
    if (!wanted(route.request())) return route.fallback();
    const given = (async () => {
      const response = await route.fetch();
      await released;
      await route.fulfill({response});
    })();
    held.push(given);
    tell();
    return given;
  });
  return {asked, free: async () => {
    free();
    await Promise.all(held);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  }};
}

const asks = (operation, text = "") => (request) =>
  request.headers()["x-amz-target"]?.endsWith(`.${operation}`) === true && (request.postData() ?? "").includes(text);
const table = (TableName) => ask("CreateTable", {TableName, BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{AttributeName: "id", AttributeType: "S"}], KeySchema: [{AttributeName: "id", KeyType: "HASH"}]});
const link = (page, name) => page.getByRole("navigation").getByRole("link", {name, exact: true}).click();

await run({
  "a screen that comes late is not shown over the one that was chosen after it": async () => {
    const page = await open("calls");
    await page.getByRole("heading", {name: "Calls", exact: true}).waitFor();
    const tables = await hold(page, /\/assets\/tables-[^/]*\.js$/);
    await link(page, "Tables");
    await tables.asked;
    await link(page, "Queues");
    await page.getByRole("heading", {name: "Queues", exact: true}).waitFor();
    await tables.free();
    assert.deepEqual(await page.getByRole("heading", {level: 1}).allTextContents(), ["Queues"]);
    assert.equal(await page.title(), "Queues · croft");
  },

  "an item that comes late is not shown in place of the one that is open": async () => {
    await table("late");
    for (const id of ["a", "b"]) await dynamo("PutItem", {TableName: "late", Item: {id: {S: id}, said: {S: `of ${id}`}}});
    const page = await open("tables?table=late");
    const first = await hold(page, /\/aws\/dynamodb$/, asks("GetItem", '"S":"a"'));
    await page.getByRole("gridcell", {name: "of a"}).click();
    await first.asked;
    await page.getByRole("gridcell", {name: "of b"}).click();
    const text = page.getByRole("textbox", {name: "Text of the item"});
    await text.getByText('"of b"').waitFor();
    await first.free();
    assert.equal(await text.getByText('"of b"').count(), 1);
    await page.getByRole("complementary").getByRole("heading", {name: "b", exact: true}).waitFor();
  },

  "an item that was saved does not close the one that was opened meanwhile": async () => {
    await table("saves");
    for (const id of ["a", "b"]) await dynamo("PutItem", {TableName: "saves", Item: {id: {S: id}, said: {S: `of ${id}`}}});
    const page = await open("tables?table=saves");
    const text = page.getByRole("textbox", {name: "Text of the item"});
    await page.getByRole("gridcell", {name: "of a"}).click();
    await text.getByText('"of a"').waitFor();
    const written = await hold(page, /\/aws\/dynamodb$/, asks("PutItem"));
    await retype(page, "Text of the item", '{"id":"a","said":"more of a"}');
    await page.getByRole("button", {name: "Save"}).click();
    await written.asked;
    await page.getByRole("gridcell", {name: "of b", exact: true}).click();
    await text.getByText('"of b"').waitFor();
    await written.free();
    assert.equal(await text.getByText('"of b"').count(), 1);
    assert.equal(new URL(page.url()).searchParams.get("item"), '{"id":{"S":"b"}}');
    const {Item: saved} = await dynamo("GetItem", {TableName: "saves", Key: {id: {S: "a"}}, ConsistentRead: true});
    assert.equal(saved.said.S, "more of a");
  },

  "a statement's answer is not shown for another table": async () => {
    for (const name of ["one", "two"]) await table(name);
    await dynamo("PutItem", {TableName: "one", Item: {id: {S: "of-one"}}});
    const page = await open("tables?table=one&tab=partiql");
    const answer = await hold(page, /\/aws\/dynamodb$/, asks("ExecuteStatement"));
    await page.getByRole("button", {name: "Run"}).click();
    await answer.asked;
    await link(page, "Tables");
    await page.getByRole("gridcell", {name: "two", exact: true}).click();
    await page.getByRole("tab", {name: "PartiQL"}).click();
    await page.getByRole("button", {name: "Run"}).and(page.locator(":enabled")).waitFor();
    await answer.free();
    assert.equal(await page.getByText("of-one").count(), 0);
  },

  "a list that was filtered anew is not read with the filter before when a deletion is over": async () => {
    for (const row of ["old", "new"]) await aws("iot", "POST", `/things/${row}-1`, {attributePayload: {attributes: {row}}});
    const page = await open("devices?q=attribute:row%3Dold");
    await page.getByRole("gridcell", {name: "old-1", exact: true}).click();
    const details = page.getByRole("complementary", {name: "Thing old-1"});
    const deletion = await hold(page, /\/things\/old-1$/, (request) => request.method() === "DELETE");
    await details.getByRole("button", {name: "Delete", exact: true}).click();
    await page.getByRole("dialog").getByRole("button", {name: "Delete"}).click();
    await deletion.asked;
    await page.getByRole("searchbox").fill("attribute:row=new");
    await page.getByRole("gridcell", {name: "new-1", exact: true}).click();
    await page.getByRole("complementary", {name: "Thing new-1"}).waitFor();
    await deletion.free();
    await page.getByRole("gridcell", {name: "new-1", exact: true}).waitFor();
    assert.equal(await page.getByRole("complementary", {name: "Thing new-1"}).count(), 1, "only its own details are closed");
  },

  "two actions that are added one after the other are both there": async () => {
    await rule("both", "SELECT * FROM 'both'");
    const page = await open("rules?rule=both&tab=actions");
    const add = page.getByRole("combobox", {name: "Add an action…"});
    await add.waitFor();
    const about = await hold(page, /\/api\/about$/);
    await add.selectOption("republish");
    await about.asked;
    await add.selectOption("sqs");
    await about.free();
    const actions = page.locator('.cm-content[aria-label="Actions"]');
    await actions.getByText('"republish"').waitFor();
    await actions.getByText('"sqs"').waitFor();
  },

  "a function that no longer stands in an action does not answer for the one that does": async () => {
    const arn = (name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    await rule("asks", "SELECT * FROM 'asks'", [{lambda: {functionArn: arn("slow")}}]);
    const page = await open(null);
    const statement = {Effect: "Allow", Action: "lambda:InvokeFunction", Principal: {Service: "iot.amazonaws.com"}};
    await page.route(/\/functions\/quick\/(configuration|policy)$/, (route) =>
      route.fulfill({json: {Policy: JSON.stringify({Statement: [statement]})}}));
    const slow = await hold(page, /\/functions\/slow\/configuration$/);
    await page.goto(`${home}rules?rule=asks&tab=actions`);
    await slow.asked;
    await page.locator(".cm-content").nth(1).waitFor();
    await page.locator('.cm-content[aria-label="Actions"]').click();
    await page.keyboard.press("Control+a");
    // At once: the action stays the first.
    await page.keyboard.insertText(JSON.stringify([{lambda: {functionArn: arn("quick")}}]));
    await page.getByText("The rule may invoke it.").waitFor();
    await slow.free();
    await page.getByText("The rule may invoke it.").waitFor();
    assert.equal(await page.getByText("There is no such function.").count(), 0);
  },

  "a template that comes late is not put into another draft": async () => {
    await makeStack("drafted");
    const page = await open(null);
    const template = await hold(page, /\/aws\/cloudformation$/,
      (request) => (request.postData() ?? "").includes("Action=GetTemplate&"));
    await page.goto(`${home}stacks?stack=drafted&edit=1`);
    await template.asked;
    await link(page, "Stacks");
    await page.getByRole("link", {name: "Create a stack"}).click();
    await page.getByRole("heading", {name: "Create a stack"}).waitFor();
    await template.free();
    await page.getByRole("button", {name: "Use an example"}).waitFor(); // as long as nothing is written
  },

  "what is done late does not lead away who has gone elsewhere": async () => {
    const page = await open("queues?new=1");
    const made = await hold(page, /\/aws\/sqs$/, asks("CreateQueue"));
    await page.getByLabel("Name").fill("made-late");
    await page.getByRole("button", {name: "Create queue"}).click();
    await made.asked;
    await link(page, "Calls");
    await page.getByRole("heading", {name: "Calls", exact: true}).waitFor();
    await made.free();
    assert.match(page.url(), /console\/calls$/);
  },

  "two fields that change before the next drawing are both kept": async () => {
    await sqs("CreateQueue", {QueueName: "fields"});
    const page = await open("queues?queue=fields&tab=send");
    await page.getByLabel("Message group ID").waitFor();
    await page.evaluate(() => {
      const field = (name) => [...document.querySelectorAll("label")].find((label) => label.textContent.startsWith(name)).control;
      for (const [name, text] of [["Message group ID", "g"], ["Delay", "7"]]) {
        field(name).value = text;
        field(name).dispatchEvent(new Event("input", {bubbles: true}));
      }
    });
    await page.getByRole("button", {name: "Add an attribute"}).click();
    await page.getByRole("textbox", {name: "Name 1"}).waitFor();
    assert.deepEqual([await page.getByLabel("Message group ID").inputValue(), await page.getByLabel(/^Delay/).inputValue()], ["g", "7"]);
  },

  "a function's log is read from its beginning after a failure": async () => {
    const page = await open(null, {expected: /Failed to load resource/});
    const line = (seq, text) => ({seq, time: 1_700_000_000_000, text});
    const answers = [
      (route) => route.fulfill({json: {lines: [line(1, "before"), line(2, "before, too")], next: 2}}),
      (route) => route.abort(),
      (route) => route.fulfill({json: {lines: /after=0&/.test(route.request().url()) ? [line(1, "after")] : [], next: 1}}),
    ];
    await page.route(/\/functions\/restarts\/logs/, (route) => answers.shift()?.(route));
    await page.route(/\/(functions\/restarts|event-source-mappings\?.*)$/, (route) =>
      route.fulfill({json: {Configuration: {FunctionName: "restarts", LastModified: ""}, EventSourceMappings: []}}));
    await page.goto(`${home}functions?function=restarts&tab=logs`);
    const log = page.getByRole("log", {name: "Logs"});
    await log.getByText("before, too").waitFor();
    await log.getByText("after", {exact: true}).waitFor();
    assert.deepEqual(await log.locator(".functions-line bdi").allTextContents(), ["after"]);
  },
});
