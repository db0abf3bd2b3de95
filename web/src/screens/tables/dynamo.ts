// Calls of DynamoDB, and where it is for those who copy a request.
import {signal} from "@preact/signals";
import {ApiError, awsJson, get} from "../../api";
import type {Place} from "./copy_as";
import type {Table} from "./table";

export const call = <T>(operation: string, input: unknown): Promise<T> =>
  awsJson<T>("dynamodb", `DynamoDB_20120810.${operation}`, input);

export const describe = async (name: string): Promise<Table> =>
  (await call<{Table: Table}>("DescribeTable", {TableName: name})).Table;

export const isCode = (error: unknown, code: string): boolean => error instanceof ApiError && error.code === code;

const region = signal("us-east-1");
export const place = (): Place => ({endpoint: location.origin, region: region.value});

// Whether changes of items can be watched: not those of tables that are elsewhere.
export const watching = signal<{live: boolean; at: string} | undefined>(undefined);

export async function ask(): Promise<void> {
  if (watching.peek()) return;
  const [tables, about] = await Promise.all([get<{live: boolean; at: string}>("tables"), get<{region: string}>("about")]);
  region.value = about.region;
  watching.value = tables;
}
