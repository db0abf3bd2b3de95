import {Empty} from "../../components/empty";
import {FactTable} from "../../components/fact_table";
import {clock, dateTime} from "../../i18n";
import type {StackEvent} from "./cloudformation";
import {Physical, Status} from "./marks";
import {texts} from "./texts";

const drawn_max = 400;
const ofStacks = "AWS::CloudFormation::Stack";

// The events since the stack was last told to do something, the newest first.
function ofLastOperation(events: StackEvent[]): StackEvent[] {
  const began = events.findIndex((event) => event.type === ofStacks && event.reason === "User Initiated");
  return began < 0 ? events : events.slice(0, began);
}

// What failed first is why the rest did: those that were cancelled say only that.
function rootFailure(events: StackEvent[]): StackEvent | undefined {
  const failed = ofLastOperation(events).filter(({status, reason}) => status.endsWith("_FAILED") && !/cancelled/i.test(reason));
  return failed.at(-1);
}

export function Events({events}: {events: StackEvent[]}) {
  const t = texts.value;
  const cause = rootFailure(events);
  if (events.length === 0) return <Empty title={t.noEvents} />;
  return (
    <>
      {cause && (
        <p class="failure" role="alert">
          <bdi>{t.failedBecause(cause.logicalId)}</bdi> <bdi>{cause.reason}</bdi>
        </p>
      )}
      <FactTable label={t.events} titles={[t.time, t.logicalId, t.status, t.type, t.reason]} fills
        below={events.length > drawn_max && <p class="quiet-text">{t.moreEvents(events.length - drawn_max)}</p>}>
        {events.slice(0, drawn_max).map((event) => (
          <tr key={event.id} class={event.status.endsWith("_FAILED") ? "stacks-failed" : ""}>
            <td><time title={dateTime(event.time)}>{clock(event.time)}</time></td>
            <th scope="row"><bdi>{event.logicalId}</bdi></th>
            <td><Status of={event.status} past /></td>
            <td>{event.type}</td>
            <td class="fact-long">
              <bdi>{event.reason}</bdi>
              {event.status === "CREATE_COMPLETE" && event.type !== ofStacks && (
                <Physical type={event.type} id={event.physicalId} />
              )}
            </td>
          </tr>
        ))}
      </FactTable>
    </>
  );
}
