import {open, run} from "./browser.mjs";
import {aws, rule} from "./functions_setup.mjs";
const t = {};
for (let i = 0; i < 25; ++i) t["dis"+i] = async () => {
    const n = "goes"+i+"x"+Date.now()%10000;
    await rule(n, "SELECT * FROM 'goes'");
    const log = [];
    const page = await open("rules?q="+n);
    page.on("request", r => /iot|rules/.test(r.url()) && log.push([Date.now()%100000, r.method(), r.url().slice(-40)]));
    page.on("response", async r => { try { /rules\/goes/.test(r.url()) && log.push([Date.now()%100000, r.status(), (await r.text()).match(/ruleDisabled":\w+/)?.[0], r.url().slice(-30)]);} catch {} });
    await page.getByRole("gridcell", {name: n, exact: true}).first().click();
    await page.getByRole("heading", {name: n}).waitFor();
    await page.getByRole("button", {name: "Disable"}).click();
    await page.locator(".rules-head").getByText("Disabled").waitFor();
    const html = await page.locator(".rules-head").innerHTML();
    const got = (await aws("iot", "GET", "/rules/"+n)).rule.ruleDisabled;
    if (!got) console.log(html, log.join("\n"));
};
await run(t);
