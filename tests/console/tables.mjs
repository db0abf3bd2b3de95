// The Tables screen on a real croft: with the article's stack, whose binary is the first argument, and with tables of its own.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {device, eventually, gateway, home, open, retype, run} from "./browser.mjs";
import {ask, dynamo, fill} from "./tables_setup.mjs";

const [binary, article, folder] = process.argv.slice(2);

const key = (name, type = "S") => ({AttributeName: name, AttributeType: type});
const table = (TableName, more = {}) => dynamo("CreateTable", {
  TableName, BillingMode: "PAY_PER_REQUEST", AttributeDefinitions: [key("id")],
    KeySchema: [{AttributeName: "id", KeyType: "HASH"}], ...more});
const put = (TableName, Item) => dynamo("PutItem", {TableName, Item});
const get = async (TableName, id) => (await dynamo("GetItem", {TableName, Key: {id: {S: id}}, ConsistentRead: true})).Item;

const row = (page, text) => page.getByRole("row").filter({has: page.getByRole("gridcell", {name: text, exact: true})});
const editor = (page, name = "Text of the item") => page.getByRole("textbox", {name});

// What is on the page, line by line: CodeMirror's text.
const shown = async (page, name) => (await editor(page, name).locator(".cm-line").allTextContents()).join("\n");

await run({
  "an empty screen says what to do; a table with an index is made there and deleted": async () => {
    const page = await open("tables");
    await page.getByText("No table yet").waitFor();
    await page.getByRole("button", {name: "Create table"}).click();
    const dialog = page.getByRole("dialog", {name: "Create table"});
    await dialog.getByLabel("Name", {exact: true}).fill("orders");
    await dialog.getByLabel("Sort key", {exact: true}).fill("n");
    await dialog.getByLabel("Type of the sort key").selectOption("N");
    await dialog.getByRole("button", {name: "Add global index"}).click();
    await dialog.getByLabel("Index name").fill("by-day");
    await dialog.getByRole("group", {name: "Global index"}).getByLabel("Partition key", {exact: true}).fill("day");
    await dialog.getByRole("button", {name: "Create", exact: true}).click();
    await page.getByText("This table has no items").waitFor();
    const {Table} = await dynamo("DescribeTable", {TableName: "orders"});
    assert.deepEqual(Table.KeySchema, [{AttributeName: "id", KeyType: "HASH"}, {AttributeName: "n", KeyType: "RANGE"}]);
    assert.deepEqual(Table.GlobalSecondaryIndexes.map((one) => [one.IndexName, one.KeySchema[0].AttributeName,
      one.Projection.ProjectionType]), [["by-day", "day", "ALL"]]);
    await page.getByRole("tab", {name: "Details"}).click();
    await page.getByText("arn:aws:dynamodb:us-east-1:000000000000:table/orders").waitFor();
    await page.getByRole("button", {name: "Delete table"}).click();
    const question = page.getByRole("dialog", {name: "Delete this table?"});
    await question.getByText("orders").waitFor();
    await question.getByRole("button", {name: "Delete table"}).click();
    await page.getByText("No table yet").waitFor();
  },

  "a table that AWS refuses is told in the form, which keeps what was typed": async () => {
    const page = await open("tables");
    await page.getByRole("button", {name: "Create table"}).click();
    const dialog = page.getByRole("dialog", {name: "Create table"});
    await dialog.getByLabel("Name", {exact: true}).fill("same");
    await dialog.getByLabel("Sort key", {exact: true}).fill("id");
    await dialog.getByRole("button", {name: "Create", exact: true}).click();
    await dialog.getByRole("alert").getByText(/^That did not work: ValidationException: /).waitFor();
    assert.equal(await dialog.getByLabel("Name", {exact: true}).inputValue(), "same");
  },

  "the article: is_connected flips on the open page": async () => {
    execFileSync(binary, ["deploy", article, "--stack-name", "status", "--capabilities", "CAPABILITY_IAM"]);
    const page = await open("tables");
    await page.getByRole("gridcell", {name: /^status-ConnectedTable-/}).click();
    await page.getByText("This table has no items").waitFor();
    await page.evaluate(() => (window.sameDocument = true));
    const pump = device("pump-1");
    await row(page, "pump-1").getByText("true", {exact: true}).waitFor();
    pump.kill("SIGKILL");
    await row(page, "pump-1").getByText("false", {exact: true}).waitFor();
    device("pump-1");
    await row(page, "pump-1").getByText("true", {exact: true}).waitFor();
    await page.getByRole("tab", {name: "Live changes"}).click();
    await page.getByText("3 changes").waitFor();
    assert.deepEqual((await page.locator(".cell-kind").allTextContents()), ["Changed", "Changed", "Created"]);
    assert.deepEqual((await page.locator(".cell-steps").allTextContents()).map((text) => text.replace(/\s+/g, " ")),
      ["is_connected false → true", "is_connected true → false", "is_connected true"]);
    assert.equal(await page.evaluate(() => window.sameDocument), true);
  },

  "an item is made, edited, refused where it is wrong, duplicated, moved and deleted": async () => {
    await table("edits");
    const page = await open("tables?table=edits");
    await page.getByRole("button", {name: "Create item"}).click();
    const number = "12345678901234567890123456789012345678";
    await retype(page, "Text of the item", `{"id":"a","n":${number},"list":[1,"x",{"on":true}]}`);
    await page.getByRole("button", {name: "Create", exact: true}).click();
    await page.getByText("Saved", {exact: true}).waitFor();
    assert.deepEqual(await get("edits", "a"),
      {id: {S: "a"}, n: {N: number}, list: {L: [{N: "1"}, {S: "x"}, {M: {on: {BOOL: true}}}]}});
    await row(page, number).waitFor();
    assert.match(await shown(page), new RegExp(`"n": ${number}`));

    await retype(page, "Text of the item", '{"id":"a","id":"b"}');
    await page.getByRole("button", {name: "Save"}).click();
    await page.getByRole("alert").getByText("The name “id” is there twice.").waitFor();
    await page.getByRole("button", {name: "DynamoDB JSON"}).click();
    await page.getByRole("alert").getByText("The name “id” is there twice.").waitFor();
    await retype(page, "Text of the item", '{"id":"a"}');
    await page.getByRole("button", {name: "DynamoDB JSON"}).click();
    await retype(page, "Text of the item", '{"id":{"S":"a"},"tags":{"SS":["x","y"]}}');
    await page.getByRole("button", {name: "Plain JSON"}).click();
    await page.getByText("“tags” is of type string set (SS), which plain JSON cannot say. Edit this item as DynamoDB JSON.").waitFor();
    await page.keyboard.press("Control+Enter");
    await editor(page).click();
    await page.keyboard.press("Control+Enter");
    await page.getByText("Saved", {exact: true}).waitFor();
    assert.deepEqual(await get("edits", "a"), {id: {S: "a"}, tags: {SS: ["x", "y"]}});

    await page.getByRole("button", {name: "Duplicate"}).click();
    await page.getByRole("heading", {name: "New item"}).waitFor();
    await page.getByRole("button", {name: "Create", exact: true}).click();
    await page.getByText("There is an item with this key already. Nothing was written.").waitFor();
    await retype(page, "Text of the item", '{"id":{"S":"b"},"tags":{"SS":["z"]}}');
    await page.getByRole("button", {name: "Create", exact: true}).click();
    await page.getByText("Saved", {exact: true}).waitFor();
    await page.getByText("2 items", {exact: true}).first().waitFor();

    await retype(page, "Text of the item", '{"id":{"S":"c"},"tags":{"SS":["z"]}}');
    await page.getByRole("button", {name: "Save"}).click();
    await page.getByRole("dialog", {name: "Move the item to another key?"}).getByRole("button", {name: "Move"}).click();
    await row(page, "c").waitFor();
    assert.deepEqual([await get("edits", "b"), await get("edits", "c")], [undefined, {id: {S: "c"}, tags: {SS: ["z"]}}]);

    await page.getByRole("button", {name: "Delete", exact: true}).click();
    await page.getByRole("dialog", {name: "Delete this item?"}).getByRole("button", {name: "Delete"}).click();
    await row(page, "c").waitFor({state: "detached"});
    assert.equal(await get("edits", "c"), undefined);
  },

  "what somebody else writes is followed, and not lost under an edit": async () => {
    await table("conflicts");
    await put("conflicts", {id: {S: "a"}, n: {N: "1"}});
    const page = await open("tables?table=conflicts");
    await row(page, "a").click();
    await page.getByRole("heading", {name: "a", exact: true}).waitFor();
    await eventually(async () => (await shown(page)).includes('"n": 1'), "the item");
    await put("conflicts", {id: {S: "a"}, n: {N: "2"}});
    await page.getByText("Changed just now").waitFor();
    await eventually(async () => (await shown(page)).includes('"n": 2'), "what somebody else wrote");
    await retype(page, "Text of the item", '{"id":"a","n":100}');
    await put("conflicts", {id: {S: "a"}, n: {N: "2"}, added: {S: "theirs"}});
    await page.getByText(/^Somebody changed this item/).waitFor();
    await page.getByRole("button", {name: "Save"}).click();
    await page.getByText(/^Somebody changed this item/).waitFor();
    assert.deepEqual(await get("conflicts", "a"), {id: {S: "a"}, n: {N: "2"}, added: {S: "theirs"}});
    await page.getByRole("button", {name: "Write mine over it"}).click();
    await page.getByText("Saved", {exact: true}).waitFor();
    assert.deepEqual(await get("conflicts", "a"), {id: {S: "a"}, n: {N: "100"}});
    await retype(page, "Text of the item", '{"id":"a","n":101}');
    await dynamo("DeleteItem", {TableName: "conflicts", Key: {id: {S: "a"}}});
    await page.getByText("This item is not there any more.").waitFor();
  },

  "a query of an index lies in the URL; its code runs as it is copied": async () => {
    await table("todo", {
      AttributeDefinitions: [key("id"), key("due"), key("n", "N")],
      GlobalSecondaryIndexes: [{IndexName: "by-due",
        KeySchema: [{AttributeName: "due", KeyType: "HASH"}, {AttributeName: "n", KeyType: "RANGE"}],
        Projection: {ProjectionType: "ALL"}}],
    });
    const hostile = `it's "now"; $(id) \`x\` \\ é😀`;
    await fill("todo", Array.from({length: 60},
      (_, n) => ({id: {S: `t-${n}`}, n: {N: String(n)}, due: {S: n % 2 ? hostile : "later"},
      "a.b #1": {S: n % 3 ? "x'y" : "z"}})));
    const page = await open("tables?table=todo");
    await page.getByLabel("Table or index").selectOption("by-due");
    await page.getByLabel("Value of due").fill(hostile);
    await page.getByLabel("Condition on the sort key").selectOption("between");
    await page.getByLabel("Value of n", {exact: true}).fill("10");
    await page.getByLabel("Upper value of n").fill("20");
    await page.getByRole("button", {name: "Add filter"}).click();
    await page.getByLabel("Attribute", {exact: true}).fill("a.b #1");
    await page.getByLabel("Value", {exact: true}).fill("x'y");
    await page.getByRole("button", {name: "Options"}).click();
    await page.getByLabel("Descending").check();
    await page.getByRole("button", {name: "Query"}).click();
    const expected = ["t-19", "t-17", "t-13", "t-11"];
    await page.getByText("4 items · 5 looked at").waitFor();
    const ids = (page) => page.locator(".row .cell-attribute-0").allTextContents();
    assert.deepEqual(await ids(page), expected);

    const shared = await open(null);
    await shared.goto(page.url());
    await shared.getByText("4 items · 5 looked at").waitFor();
    assert.deepEqual(await ids(shared), expected);
    assert.equal(await shared.getByLabel("Value of due").inputValue(), hostile);

    await page.getByRole("button", {name: "Copy as code"}).click();
    const code = page.locator(".tables-code");
    const cli = await code.textContent();
    const found = JSON.parse(execFileSync("sh",
      ["-c", cli.replace(/^aws/, "/usr/bin/aws").replace(new URL(home).origin, gateway)], {encoding: "utf8"}));
    assert.deepEqual(found.Items.map((item) => item.id.S), expected);
    assert.equal(found.ScannedCount, 5);
    await page.getByRole("button", {name: "boto3"}).click();
    const python = execFileSync("/usr/bin/python3",
      ["-c", `${(await code.textContent()).replace(new URL(home).origin, gateway)}\nprint(*[item["id"]["S"] for item in response["Items"]])`], {encoding: "utf8"});
    assert.deepEqual(python.trim().split(" "), expected);
    await page.getByRole("button", {name: "JavaScript"}).click();
    assert.match(await code.textContent(), /new QueryCommand\(\{\n {4}TableName: "todo",\n {4}IndexName: "by-due",/);
    await page.keyboard.press("Escape");

    // It goes on being what the query would find.
    await put("todo", {id: {S: "new"}, n: {N: "15"}, due: {S: hostile}, "a.b #1": {S: "x'y"}});
    await row(page, "new").waitFor();
    assert.deepEqual(await ids(page), ["t-19", "t-17", "new", "t-13", "t-11"]);
    await put("todo", {id: {S: "t-17"}, n: {N: "17"}, due: {S: "later"}, "a.b #1": {S: "x'y"}});
    await row(page, "t-17").waitFor({state: "detached"});
    await page.getByLabel("Value of n", {exact: true}).fill("ten");
    await page.getByRole("button", {name: "Query"}).click();
    await page.getByText("The value of n is not a number.").waitFor();
  },

  "PartiQL runs when it is told to, and an error is told in place": async () => {
    await table("part");
    const page = await open(`tables?table=part&tab=partiql&statement=${encodeURIComponent("INSERT INTO \"part\" VALUE {'id': ?, 'n': ?}")}&parameters=${encodeURIComponent('["a", 5]')}`);
    await page.getByRole("button", {name: "Run"}).waitFor();
    await page.waitForTimeout(300);
    assert.equal(await get("part", "a"), undefined, "a link runs nothing");
    await page.getByRole("button", {name: "Run"}).click();
    await page.getByText("Done. The statement gave no items.").waitFor();
    assert.deepEqual(await get("part", "a"), {id: {S: "a"}, n: {N: "5"}});
    await retype(page, "Statement", 'SELECT * FORM "part"');
    await page.keyboard.press("Control+Enter");
    await page.getByRole("alert").getByText(/^That did not work: ValidationException: /).waitFor();
    await retype(page, "Parameters", "[]");
    await retype(page, "Statement", 'SELECT n, id FROM "part"');
    await page.keyboard.press("Control+Enter");
    await row(page, "5").waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
  },

  "what is exported is imported as it was; wrong lines are told": async () => {
    await table("source");
    await table("target");
    const items = Array.from({length: 120}, (_, n) => ({
      id: {S: `item ${n}`}, n: {N: "1.5E-100"}, text: {S: n % 2 ? '12' : 'a,"b"\nc'}, tags: {SS: ["x", "y"]}, bytes: {B: "AP8="},
        deep: {M: {l: {L: [{NULL: true}, {BOOL: false}]}}}}));
    await fill("source", items);
    const sorted = async (name) => (await dynamo("Scan", {TableName: name})).Items.sort((a, b) => (a.id.S < b.id.S ? -1 : 1));
    const page = await open("tables?table=source");
    await page.getByText("120 items", {exact: true}).first().waitFor();
    for (const [form, ending] of [[/^DynamoDB JSON/, "jsonl"], [/^CSV/, "csv"]]) {
      await page.goto(page.url().replace(/table=\w+/, "table=source"));
      await page.getByRole("button", {name: "Export"}).click();
      const dialog = page.getByRole("dialog", {name: "Export"});
      await dialog.getByLabel(form).check();
      const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", {name: "Export"}).click()]);
      assert.equal(download.suggestedFilename(), `source.${ending}`);
      const path = join(folder, `source.${ending}`);
      await download.saveAs(path);
      await dialog.getByText(`120 items in source.${ending}`).waitFor();
      await page.goto(page.url().replace(/table=\w+/, "table=target"));
      await page.getByRole("button", {name: "Import"}).click();
      const into = page.getByRole("dialog", {name: "Import into target"});
      await into.getByLabel("File").setInputFiles(path);
      await into.getByRole("button", {name: "Import"}).click();
      await into.getByText("120 items written.").waitFor();
      assert.deepEqual(await sorted("target"), await sorted("source"));
      await dynamo("DeleteTable", {TableName: "target"});
      await table("target");
    }
    const wrong = join(folder, "wrong.jsonl");
    writeFileSync(wrong, '{"id":{"S":"good"}}\n{"id":{"N":"1"}}\n{"id":\n{"id":{"S":"<img src=x onerror=alert(1)>"}}\n');
    await page.goto(page.url());
    await page.getByRole("button", {name: "Import"}).click();
    await page.getByLabel("File").setInputFiles(wrong);
    await page.getByRole("dialog").getByRole("button", {name: "Import"}).click();
    await page.getByText("2 items written. 2 lines refused:").waitFor();
    const lines = await page.locator(".tables-refused li").allTextContents();
    assert.match(lines[0], /^Line 2: One or more parameter values were invalid: Type mismatch for key id expected: S actual: N$/);
    assert.equal(lines[1], "Line 3: This is not JSON.");
    await page.keyboard.press("Escape");
    await row(page, "<img src=x onerror=alert(1)>").waitFor();

    // Several at once.
    await page.getByRole("checkbox", {name: "Choose this item"}).first().check();
    await page.getByRole("grid").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press(" ");
    await page.getByRole("button", {name: "Delete 2 items"}).click();
    await page.getByRole("dialog", {name: "Delete 2 items?"}).getByRole("button", {name: "Delete 2 items"}).click();
    await page.getByText("This table has no items").waitFor();
    assert.deepEqual(await sorted("target"), []);
  },

  "plain JSON that cannot say an item is not exported": async () => {
    const page = await open("tables?table=source");
    await page.getByText("120 items", {exact: true}).first().waitFor();
    await page.getByRole("button", {name: "Export"}).click();
    const dialog = page.getByRole("dialog", {name: "Export"});
    await dialog.getByLabel(/^Plain JSON/).check();
    await dialog.getByRole("button", {name: "Export"}).click();
    await dialog.getByText("Some items have sets or bytes, which plain JSON cannot say. Choose another form.").waitFor();
  },

  "hostile names and values are text": async () => {
    await table("hostile");
    const markup = "<img src=x onerror=alert(1)>", script = '"><script>alert(2)</script>', turned = "pump\u202egnp.exe";
    const item = {id: {S: markup}, [script]: {S: script}, constructor: {S: "own"}, [turned]: {M: {[markup]: {S: turned}}}};
    await put("hostile", item);
    // An object of JavaScript could not have this attribute: it goes as text.
    await ask("PutItem", '{"TableName":"hostile","Item":{"id":{"S":"proto"},"__proto__":{"S":"polluted"},"toString":{"N":"1"}}}');
    const page = await open("tables?table=hostile");
    await row(page, markup).click();
    await page.getByRole("heading", {name: markup}).waitFor();
    await eventually(async () => (await shown(page)).includes('"constructor": "own"'), "the item's text");
    await row(page, "proto").click();
    await eventually(async () => (await shown(page)).includes('"__proto__": "polluted"'), "the attribute __proto__");
    assert.equal(await page.evaluate(() => ({}).S), undefined);
    await put("hostile", {id: {S: script}, [markup]: {S: markup}});
    await row(page, script).first().waitFor();
    await page.getByRole("tab", {name: "Live changes"}).click();
    await page.getByRole("gridcell", {name: script, exact: true}).click();
    await page.getByRole("heading", {name: script}).waitFor();
    assert.equal(await page.locator("main img, main script").count(), 0);
    await page.goto(page.url().replace(/\?.*/, `?table=${encodeURIComponent(markup)}`));
    await page.getByRole("alert").waitFor();
    assert.equal(await page.locator("main img, main script").count(), 0);
  },

  "ten thousand items scroll, page after page": async () => {
    await table("many");
    await fill("many", Array.from({length: 10_000},
      (_, n) => ({id: {S: `device-${n}`}, n: {N: String(n)}, text: {S: "x".repeat(250)}})));
    const page = await open("tables?table=many");
    await page.getByText(/^[\d,.]+ items, more follow/).waitFor();
    const grid = page.getByRole("grid");
    await grid.focus();
    await eventually(async () => {
      await page.keyboard.press("End");
      return (await grid.getAttribute("aria-rowcount")) === "10001";
    }, "all rows");
    await page.getByText(/^10000 items · /).waitFor();
    assert.ok((await page.locator(".row").count()) < 80);
    // A change of one row far away does not move the others.
    await page.keyboard.press("Home");
    await put("many", {id: {S: "device-9999"}, n: {N: "-1"}});
    await page.keyboard.press("End");
    await eventually(() => grid.getAttribute("aria-rowcount").then((count) => count === "10001"), "all rows");
  },

  "Japanese": async () => {
    const page = await open("tables?table=todo", {context: {locale: "ja-JP"}});
    await page.getByRole("tab", {name: "項目"}).waitFor();
    await page.getByText("61 項目", {exact: true}).waitFor();
    await page.getByRole("button", {name: "項目を作成"}).click();
    await page.getByRole("heading", {name: "新しい項目"}).waitFor();
  },
});
