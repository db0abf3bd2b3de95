import assert from "node:assert/strict";
import {test} from "node:test";
import {EventReader} from "./event_reader";

test("events are the same however they are cut", () => {
  const text = 'event: hello\ndata: {}\n\nevent: clients\ndata: [["a",1],["b\\n",0]]\n\n';
  for (let at = 0; at <= text.length; ++at) {
    const reader = new EventReader();
    const events = [...reader.feed(text.slice(0, at)), ...reader.feed(text.slice(at))];
    assert.deepEqual(events, [{name: "hello", data: "{}"}, {name: "clients", data: '[["a",1],["b\\n",0]]'}]);
  }
});
