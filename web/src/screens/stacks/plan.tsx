// What a deployment would do, before it does anything.
import {useState} from "preact/hooks";
import {Command, Empty} from "../../components/empty";
import {FactTable} from "../../components/fact_table";
import {Failure} from "../../components/failure";
import {Heading} from "../../components/heading";
import {useHere} from "../../here";
import {usePolled} from "../../polled";
import {go, href} from "../../router";
import {writes} from "../../session";
import {deleteChangeSet, deleteStack, describeChangeSet, describeStack, executeChangeSet, type Change, type ChangeSet}
  from "./cloudformation";
import {wantsLocalCode} from "./links";
import {Physical, Status} from "./marks";
import {begin, refused} from "./stack";
import {texts} from "./texts";

const poll_ms = 300;
const head_start_ms = 250; // a refusal that comes at once is shown here

const isMade = (set: ChangeSet) => !/PENDING|_IN_PROGRESS$/.test(set.status);
const isEmpty = (set: ChangeSet) => set.status === "FAILED" &&
  /didn't contain changes|No updates are to be performed/.test(set.reason);

function toneOf(change: Change): string {
  if (change.action === "Remove" || change.replacement === "True") return "bad";
  if (change.replacement === "Conditional") return "warm";
  return change.action === "Add" ? "good" : "quiet";
}

function Changes({changes}: {changes: Change[]}) {
  const t = texts.value;
  const count = (action: string) => changes.filter((change) => change.action === action).length;
  const replaced = changes.filter(({replacement}) => replacement === "True").length;
  return (
    <>
      <p>
        {t.planText} <strong>{t.totals(count("Add"), count("Modify"), replaced, count("Remove"))}</strong>
      </p>
      <FactTable label={t.changes} titles={[t.action, t.logicalId, t.type, t.replacement, t.changes, t.physicalId]} fills>
        {changes.map((change) => (
          <tr key={`${change.action} ${change.logicalId}`}>
            <td><span class={`badge stacks-${toneOf(change)}`}>{t.actions[change.action] ?? change.action}</span></td>
            <th scope="row"><bdi>{change.logicalId}</bdi></th>
            <td>{change.type}</td>
            <td>{t.replaces[change.replacement] ?? (change.replacement || "–")}</td>
            <td><bdi>{change.details.join(", ")}</bdi></td>
            <td class="fact-long"><Physical type={change.type} id={change.physicalId} /></td>
          </tr>
        ))}
      </FactTable>
    </>
  );
}

function Refusal({set}: {set: ChangeSet}) {
  const t = texts.value;
  if (isEmpty(set)) return <Empty title={t.nothing} />;
  return (
    <section class="panel stacks-scroll">
      <h2>{t.planFailed}</h2>
      <Failure of={set.reason} />
      {wantsLocalCode(set.reason) && (
        <>
          <p>{t.localCode}</p>
          <Command text={`croft deploy template.yml --stack-name ${set.stackName} --capabilities CAPABILITY_IAM`} />
        </>
      )}
    </section>
  );
}

// ExecuteChangeSet answers when the stack is at rest, or after seconds; the events are shown meanwhile.
async function execute(stack: string, plan: string, lead: (to: string) => void): Promise<void> {
  begin();
  const answer = executeChangeSet(stack, plan);
  answer.catch((failure: unknown) => (refused.value = {stack, failure}));
  await Promise.race([answer, new Promise((go) => setTimeout(go, head_start_ms))]);
  lead(href("stacks", {stack, tab: "events"}));
}

// A stack that was only planned goes with its plan.
async function discard(stack: string, plan: string, lead: (to: string) => void): Promise<void> {
  const {status} = await describeStack(stack);
  await deleteChangeSet(stack, plan);
  const isOnlyPlanned = status === "REVIEW_IN_PROGRESS";
  if (isOnlyPlanned) await deleteStack(stack);
  lead(isOnlyPlanned ? href("stacks") : href("stacks", {stack}));
}

function Buttons({stack, plan, set}: {stack: string; plan: string; set: ChangeSet}) {
  const t = texts.value;
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<unknown>(undefined);
  const isHere = useHere();
  const lead = (to: string) => isHere() && go(to);
  const run = (what: () => Promise<void>) => {
    setWorking(true);
    setFailure(undefined);
    what().catch((error: unknown) => {
      setWorking(false);
      setFailure(error);
    });
  };
  const edit = async () => {
    const {status} = await describeStack(stack);
    lead(href("stacks", status === "REVIEW_IN_PROGRESS" ? {new: "1"} : {stack, edit: "1"}));
  };
  return (
    <>
      <Failure of={failure} />
      <div class="stacks-buttons">
        <button type="button" {...writes(working)} onClick={() => run(() => discard(stack, plan, lead))}>{t.discard}</button>
        <button type="button" disabled={working} onClick={() => run(edit)}>{t.edit}</button>
        {set.execution === "AVAILABLE" && (
          <button type="button" class="main" {...writes(working)}
            onClick={() => run(() => execute(stack, plan, lead))}>{t.deploy}</button>
        )}
      </div>
    </>
  );
}

export function PlanView({stack, plan}: {stack: string; plan: string}) {
  const t = texts.value;
  const {value: set, failure} = usePolled<ChangeSet>(`${stack} ${plan}`, (before) =>
    (before && isMade(before) ? Promise.resolve(before) : describeChangeSet(stack, plan)),
    (latest) => (latest && isMade(latest) ? 60_000 : poll_ms));
  return (
    <section class="screen stacks">
      <Heading screen="stacks" all={t.title} name={t.planTitle(stack)}>{set?.status === "FAILED" && !isEmpty(set) && <Status of={set.status} />}</Heading>
      <Failure of={failure} />
      {!set && failure === undefined && <p class="quiet-text" role="status">{t.planning}</p>}
      {set && isMade(set) && (set.status === "FAILED" ? <Refusal set={set} /> : <Changes changes={set.changes} />)}
      {set?.execution.startsWith("EXECUTE_") && <p class="quiet-text">{t.planDone}</p>}
      {set && isMade(set) && <Buttons stack={stack} plan={plan} set={set} />}
    </section>
  );
}
