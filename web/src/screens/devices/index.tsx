// Devices: things, certificates and policies of AWS IoT's registry; a wizard that connects a device; why a client was refused.
import {Tabs} from "../../components/tabs";
import {route, setQuery} from "../../router";
import {Certificates} from "./certificates";
import {Connect} from "./connect";
import {Policies} from "./policies";
import {Refused} from "./refused";
import "./style.css";
import {texts} from "./texts";
import {Things} from "./things";

const bodies = {things: Things, certificates: Certificates, policies: Policies, connect: Connect, refused: Refused};
type TabId = keyof typeof bodies;
const order: TabId[] = ["things", "certificates", "policies", "connect", "refused"];

export default function Devices() {
  const t = texts.value;
  const chosen = (route.value.query.get("tab") ?? "things") as TabId;
  const Body = bodies[chosen] ?? Things;
  // What one part has in the URL says nothing to another.
  const choose = (tab: string) => setQuery({tab: tab === "things" ? "" : tab, q: "", thing: "", certificate: "", policy: "", version: "", client: "", shadow: "", way: "", new: ""}, "push");
  return (
    <section class="screen devices">
      <h1 class="hidden">{t.title}</h1>
      <Tabs label={t.title} tabs={order.map((id) => ({id, title: t.tabs[id]}))} chosen={chosen} onChoose={choose}>
        <Body />
      </Tabs>
    </section>
  );
}
