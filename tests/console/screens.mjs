// Every screen, full and empty, in light and dark, wide and on a phone: axe-core finds nothing, nothing is cut off sideways.
// A screen's last row gives its pictures (CROFT_SCREENSHOTS).
import assert from "node:assert/strict";
import {accessible, phone} from "./axe.mjs";
import {device, gateway, open, picture, publish, retype, run} from "./browser.mjs";
import {makeDevices} from "./devices_setup.mjs";
import {makeQueue, makeStack} from "./filled.mjs";
import {makeRule} from "./functions_setup.mjs";
import {dynamo, makeTables} from "./tables_setup.mjs";

// Screens that say what to do next in a croft where nothing has happened yet.
const empty = ["presence", "mqtt", "tables", "rules", "functions", "queues", "stacks", "devices", "calls"];

let connected = 6;

// One row for each screen: what is done to fill it.
const screens = {
  "presence?client=way-1": async (page) => {
    const rule = (method, body) => fetch(`${gateway}/_croft/console/api/aws/iot/rules/to_nowhere`,
      {method, headers: {"x-croft-console": "1", "content-type": "application/json"}, body});
    await rule("POST", JSON.stringify({
      sql: "SELECT * FROM '$aws/events/presence/connected/way-1'", awsIotSqlVersion: "2016-03-23",
      actions: [{dynamoDBv2: {roleArn: "arn:aws:iam::000000000000:role/rules", putItem: {tableName: "missing"}}}],
    }));
    device("way-1");
    await page.getByRole("listitem").filter({hasText: "Failed"}).first().getByRole("button").click();
    const steps = page.getByRole("region", {name: "The way of the event"}).getByRole("listitem");
    await steps.filter({hasText: "PutItem"}).filter({hasText: "missing"}).getByRole("button").click();
    await page.getByText("Requested resource not found").waitFor();
    await rule("DELETE");
  },
  "presence": async (page) => {
    await page.getByRole("gridcell", {name: "pump-3", exact: true}).click();
    await page.getByRole("heading", {name: "pump-3"}).waitFor();
    await page.locator(".plot canvas").waitFor();
  },
  "mqtt?sub=0+%24aws/events/%23&sub=1+mill/%2B/temperature": async (page) => {
    await page.getByText("Connected", {exact: true}).waitFor();
    await page.getByText(/^\$aws\/events\/subscriptions\/subscribed\/iotconsole-/).first().waitFor();
    await publish("mill/seven/temperature", '{"celsius":21.5,"ok":true}');
    await page.getByRole("article", {name: "mill/seven/temperature"}).waitFor();
    await page.getByText("MQTT 5 properties").click();
  },
  "tables": async (page) => {
    await makeTables();
    await page.getByRole("gridcell", {name: "todo", exact: true}).waitFor();
    await page.getByRole("button", {name: "Create table"}).click();
    await page.getByRole("button", {name: "Add global index"}).click();
  },
  "tables?table=todo&tab=details": (page) => page.getByText("plant = seven").waitFor(),
  "tables?table=todo&tab=partiql": async (page) => {
    await page.locator(".cm-content").nth(1).waitFor();
    await page.getByRole("button", {name: "Run"}).click();
    await page.getByRole("gridcell", {name: "grace"}).first().waitFor();
  },
  "tables?table=todo&tab=changes": async (page) => {
    await page.getByText("Live", {exact: true}).waitFor();
    await dynamo("UpdateItem", {TableName: "todo", Key: {user: {S: "ada"}, n: {N: "0"}}, UpdateExpression: "SET #t = :t",
                                ExpressionAttributeNames: {"#t": "touched"}, ExpressionAttributeValues: {":t": {N: String(Date.now())}}});
    await page.getByRole("gridcell", {name: "ada · 0"}).click();
    await page.getByRole("complementary").waitFor();
  },
  "tables?table=todo&index=by-due&pk=2026-11-05": async (page) => {
    await page.getByRole("button", {name: "Add filter"}).click();
    await page.getByRole("button", {name: "Options"}).click();
    await page.getByRole("button", {name: "Columns"}).click();
    await page.getByRole("checkbox", {name: "Choose this item"}).first().check();
    await page.getByRole("button", {name: "Copy as code"}).click();
  },
  "tables?table=todo&pk=grace": async (page) => {
    await page.getByRole("gridcell", {name: "4", exact: true}).click();
    await page.locator(".cm-content").waitFor();
  },
  "rules?q=o": async (page) => {
    await makeRule();
    await page.getByRole("gridcell", {name: "too_hot"}).waitFor();
  },
  "rules?rule=too_hot&tab=actions": async (page) => {
    await page.getByText("The rule may invoke it.").waitFor();
    await page.locator(".cm-content").nth(1).waitFor();
  },
  "rules?rule=too_hot&tab=failures": async (page) => {
    await page.getByRole("button", {name: "Replay…"}).first().click();
    await page.getByRole("article").first().waitFor();
    await page.locator(".cm-content").waitFor();
  },
  "rules?rule=too_hot": async (page) => {
    await page.getByRole("button", {name: "Take the last message"}).click();
    await page.locator('[data-outcome="RESULT"]').waitFor();
    await page.getByText("How it came about").click();
    await page.locator(".cm-content").nth(1).waitFor();
  },
  "functions?q=no": (page) => page.getByRole("gridcell", {name: "notify"}).waitFor(),
  "functions?function=notify&tab=configuration": (page) => page.getByRole("link", {name: "too_hot"}).waitFor(),
  "functions?function=notify&tab=code": (page) => page.locator(".cm-content").waitFor(),
  "functions?function=notify&tab=logs": (page) => page.locator(".functions-line-report").first().waitFor(),
  "functions?function=notify&tab=invocations": async (page) => {
    await page.getByText("Failed", {exact: true}).first().click();
    await page.getByRole("complementary").waitFor();
  },
  "functions?function=notify": async (page) => {
    await retype(page, "Event", '{"device": "press-2", "fahrenheit": 185}');
    await page.getByRole("button", {name: "Invoke"}).click();
    await page.locator(".functions-result").waitFor();
  },
  "queues?queue=events&tab=send": async (page) => {
    await makeQueue("events");
    await page.getByRole("button", {name: "Add an attribute"}).click();
    await page.locator(".cm-content").waitFor();
  },
  "queues": async (page) => {
    await page.getByRole("gridcell", {name: "events", exact: true}).click();
    await page.getByRole("article").first().waitFor();
  },
  "stacks?new=1": async (page) => {
    await page.getByRole("button", {name: "Use an example"}).click();
    await page.getByText("The template is well-formed").waitFor();
  },
  "stacks": async (page) => {
    await makeStack("presence");
    await page.getByRole("gridcell", {name: "presence", exact: true}).click();
    await page.locator(".stacks-node").first().waitFor();
  },
  "devices?tab=connect": async (page) => {
    await page.getByLabel("Name of the thing").fill(`pump-${++connected}`);
    await page.getByRole("button", {name: "Make it"}).click();
    await page.getByText("Waiting for").waitFor();
    await page.getByRole("tab", {name: "Python"}).click();
    await page.getByText("CA certificate", {exact: true}).click();
  },
  "devices?tab=certificates": async (page) => {
    const {certificateId} = await makeDevices();
    await page.reload();
    await page.getByRole("gridcell", {name: certificateId}).click();
    await page.getByRole("complementary").getByRole("link", {name: "pumps"}).waitFor();
  },
  "devices?tab=policies&policy=pumps": async (page) => {
    await page.locator(".cm-content").waitFor();
    await page.getByText("Attached to").waitFor();
  },
  "devices?tab=policies&new=1": (page) => page.locator(".cm-content").waitFor(),
  "devices?tab=refused&client=pump-2": async (page) => {
    await page.getByRole("list", {name: "pump-2"}).getByText("2 times").waitFor();
    await page.getByText("A statement that would allow it").click();
  },
  "devices?shadow=%24classic": async (page) => {
    await page.getByRole("gridcell", {name: "pump-2", exact: true}).click();
    await page.getByRole("complementary").getByText("plant-7").waitFor();
    await page.getByRole("button", {name: "Classic shadow"}).click();
    await page.getByRole("heading", {name: "Difference"}).waitFor();
    await page.locator(".cm-content").waitFor();
  },
  "health": async (page) => {
    await page.locator(".plot canvas").nth(3).waitFor();
    await page.locator(".health-facts").getByText("Version").waitFor();
  },
  "calls?own=1": async (page) => {
    const headers = {"x-amz-target": "DynamoDB_20120810.ListTables"};
    await page.evaluate((headers) => fetch("/_croft/console/api/aws/dynamodb", {method: "POST", headers: {...headers, "x-croft-console": "1"}, body: "{}"}), headers);
    await page.getByRole("gridcell", {name: "ListTables"}).first().click();
    await page.getByRole("button", {name: "Copy as AWS CLI"}).waitFor();
  },
};

const screenOf = (path) => path.split("?")[0];
const givesPicture = (path) => Object.keys(screens).filter((other) => screenOf(other) === screenOf(path)).at(-1) === path;

async function checkAll(looks, context = {}) {
  for (const name of ["pump-1", "pump-2", "pump-3", "tank-1"]) device(name);
  for (const [path, fill] of Object.entries(screens)) {
    const page = await open(path, {context: {colorScheme: "light", reducedMotion: "reduce", ...context}}); // nothing flashes
    await fill(page);
    for (const colorScheme of looks) {
      await page.emulateMedia({colorScheme});
      await accessible(page, `${path}, ${colorScheme}`);
    }
    if (looks.length > 1 && givesPicture(path)) await picture(page, screenOf(path));
    await page.context().close();
  }
}

await run({
  "empty": async () => {
    for (const path of empty) {
      const page = await open(path);
      await page.locator(".empty").first().waitFor();
      await accessible(page, `${path}, empty`);
    }
    assert.equal((await fetch(`${gateway}/_croft/console/`)).status, 200);
  },
  "light and dark": () => checkAll(["light", "dark"]),
  "on a phone": () => checkAll(["light"], phone),
});
