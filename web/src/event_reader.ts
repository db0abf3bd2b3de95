// Reads server-sent events from pieces of text. Source: WHATWG HTML, "Server-sent events"; croft ends lines with \n and has
// one data line in each event.
export interface FeedEvent {
  name: string;
  data: string;
}

export class EventReader {
  private rest = "";

  feed(text: string): FeedEvent[] {
    this.rest += text;
    const end = this.rest.lastIndexOf("\n\n");
    if (end < 0) return [];
    const whole = this.rest.slice(0, end);
    this.rest = this.rest.slice(end + 2);
    return whole.split("\n\n").map(readEvent);
  }
}

function readEvent(text: string): FeedEvent {
  const event: FeedEvent = {name: "message", data: ""};
  for (const line of text.split("\n")) {
    if (line.startsWith("event: ")) event.name = line.slice(7);
    else if (line.startsWith("data: ")) event.data = line.slice(6);
  }
  return event;
}
