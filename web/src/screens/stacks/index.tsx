// Stacks: templates, their plans and deployments, and what they made.
import {route} from "../../router";
import {Deploy} from "./deploy";
import {List} from "./list";
import {PlanView} from "./plan";
import {StackView} from "./stack";
import "./style.css";

export default function Stacks() {
  const query = route.value.query;
  const stack = query.get("stack") ?? "";
  const plan = query.get("plan") ?? "";
  if (stack && plan) return <PlanView key={`${stack} ${plan}`} stack={stack} plan={plan} />;
  if (query.get("new") === "1") return <Deploy key="new" stack="" />;
  if (stack && query.get("edit") === "1") return <Deploy key={stack} stack={stack} />;
  return stack ? <StackView key={stack} name={stack} /> : <List />;
}
