// What a field told its owner and has not had back yet. An owner that draws later than the next key would otherwise put an
// older text over a newer one.
const expected_ms = 2000;
const kept_max = 64;

export class Echoes {
  private sent: {text: string; at: number}[] = [];

  told(text: string, now = Date.now()): void {
    this.sent.push({text, at: now});
    if (this.sent.length > kept_max) this.sent.shift();
  }

  // Whether `text` comes back from the owner; anything else is the owner's own wish.
  isOne(text: string, now = Date.now()): boolean {
    this.sent = this.sent.filter(({at}) => now - at < expected_ms);
    const at = this.sent.findIndex((one) => one.text === text);
    if (at < 0) this.sent = [];
    else this.sent.splice(0, at + 1);
    return at >= 0;
  }
}
