// Whether a message on `topic` comes by a subscription to `filter`. Source: MQTT 5.0, 4.7; shared subscriptions 4.8.2.
export function matches(filter: string, topic: string): boolean {
  const plain = filter.startsWith("$share/") ? filter.split("/").slice(2).join("/") : filter;
  if (topic.startsWith("$") && /^[+#]/.test(plain)) return false;
  const wanted = plain.split("/"), levels = topic.split("/");
  for (let at = 0; at < wanted.length; ++at) {
    if (wanted[at] === "#") return true;
    if (at >= levels.length || (wanted[at] !== "+" && wanted[at] !== levels[at])) return false;
  }
  return wanted.length === levels.length;
}
