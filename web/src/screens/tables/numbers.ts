// Numbers as DynamoDB has them: exact decimals of 38 digits, which a JavaScript number would round. They stay text.
export interface Decimal {
  negative: boolean;
  digits: string; // without zeros at either end; "" is zero
  exponent: number; // of the first digit: 12.5 is 1
}

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

export function decimal(text: string): Decimal | undefined {
  const found = form.exec(text);
  if (!found) return undefined;
  const [, sign, whole = "", fraction = "", power = "0"] = found;
  if (whole === "" && fraction === "") return undefined;
  const all = whole + fraction;
  const lead = /^0*/.exec(all)?.[0].length ?? 0;
  const digits = all.slice(lead).replace(/0+$/, "");
  if (digits === "") return {negative: false, digits, exponent: 0};
  return {negative: sign === "-", digits, exponent: whole.length - 1 - lead + Number(power)};
}

// Source: Developer Guide, "Data types": up to 38 digits, from 1E-130 to 9.9…E+125.
export function isNumber(text: string): boolean {
  const value = decimal(text);
  return value !== undefined && value.digits.length <= 38 && value.exponent >= -130 && value.exponent <= 125;
}

// Below, at or above zero as `a` is below, at or above `b`; both are numbers.
export function compareNumbers(a: string, b: string): number {
  const left = decimal(a), right = decimal(b);
  if (!left || !right) return a < b ? -1 : a > b ? 1 : 0;
  const sign = (one: Decimal) => (one.digits === "" ? 0 : one.negative ? -1 : 1);
  if (sign(left) !== sign(right)) return sign(left) - sign(right);
  if (left.digits === "") return 0;
  const size = left.exponent !== right.exponent ? left.exponent - right.exponent : left.digits < right.digits ? -1
    : left.digits > right.digits ? 1 : 0;
  return left.negative ? -size : size;
}
