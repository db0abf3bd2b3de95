// What DescribeTable says of a table, as far as the page uses it.
import type {Type} from "./values";

export type KeyType = "S" | "N" | "B";
interface KeyElement {
  AttributeName: string;
  KeyType: "HASH" | "RANGE";
}
export interface Projection {
  ProjectionType?: "ALL" | "KEYS_ONLY" | "INCLUDE";
  NonKeyAttributes?: string[];
}
export interface Index {
  IndexName: string;
  KeySchema: KeyElement[];
  Projection: Projection;
  IndexStatus?: string;
  IndexArn?: string;
  ItemCount?: number;
  IndexSizeBytes?: number;
  ProvisionedThroughput?: {ReadCapacityUnits: number; WriteCapacityUnits: number};
}
export interface Table {
  TableName: string;
  TableStatus: string;
  TableArn: string;
  TableId?: string;
  CreationDateTime: number;
  ItemCount: number;
  TableSizeBytes: number;
  KeySchema: KeyElement[];
  AttributeDefinitions: {AttributeName: string; AttributeType: KeyType}[];
  BillingModeSummary?: {BillingMode: string};
  ProvisionedThroughput?: {ReadCapacityUnits: number; WriteCapacityUnits: number};
  GlobalSecondaryIndexes?: Index[];
  LocalSecondaryIndexes?: Index[];
  StreamSpecification?: {StreamEnabled: boolean; StreamViewType?: string};
  LatestStreamArn?: string;
  TableClassSummary?: {TableClass: string};
  DeletionProtectionEnabled?: boolean;
}

export interface KeyPart {
  name: string;
  type: KeyType;
}
export interface Keys {
  partition: KeyPart;
  sort: KeyPart | undefined;
}

export function keysOf(table: Table, schema = table.KeySchema): Keys {
  const part = (kind: "HASH" | "RANGE"): KeyPart | undefined => {
    const name = schema.find((one) => one.KeyType === kind)?.AttributeName;
    if (name === undefined) return undefined;
    return {name, type: table.AttributeDefinitions.find((one) => one.AttributeName === name)?.AttributeType ?? "S"};
  };
  return {partition: part("HASH") ?? {name: "", type: "S"}, sort: part("RANGE")};
}

export const namesOf = (keys: Keys): string[] => [keys.partition.name, ...(keys.sort ? [keys.sort.name] : [])];
export const keyNames = (table: Table): string[] => namesOf(keysOf(table));

export const indexesOf = (table: Table): Index[] => [...(table.GlobalSecondaryIndexes ?? []),
  ...(table.LocalSecondaryIndexes ?? [])];
export const isGlobal = (table: Table,
  index: string): boolean => (table.GlobalSecondaryIndexes ?? []).some((one) => one.IndexName === index);

export function keysText(keys: Keys): string {
  return [keys.partition, keys.sort].flatMap((part) => (part ? [`${part.name} (${part.type})`] : [])).join(", ");
}

// The attributes that an index holds; nothing where it holds all.
export function heldBy(table: Table, index: Index): string[] | undefined {
  if (index.Projection.ProjectionType === "ALL") return undefined;
  return [...new Set([...keyNames(table), ...namesOf(keysOf(table, index.KeySchema)),
    ...(index.Projection.NonKeyAttributes ?? [])])];
}

export const scalarTypes: readonly Type[] = ["S", "N", "B", "BOOL", "NULL"];
