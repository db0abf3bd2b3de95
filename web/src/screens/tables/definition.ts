// What a person wants of a new table, and the request that makes it.
import type {Input} from "./search";
import type {KeyType} from "./table";

export interface WantedKey {
  name: string;
  type: KeyType;
}
export interface WantedIndex {
  local: boolean;
  name: string;
  partition: WantedKey; // a local index has the table's
  sort: WantedKey; // "" is none
  projection: "ALL" | "KEYS_ONLY" | "INCLUDE";
  attributes: string; // with commas between them
}
export interface Wanted {
  name: string;
  partition: WantedKey;
  sort: WantedKey;
  provisioned: boolean;
  read: number;
  write: number;
  stream: "" | "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";
  isProtected: boolean;
  indexes: WantedIndex[];
}

export const newIndex: WantedIndex = {local: false, name: "", partition: {name: "", type: "S"}, sort: {name: "", type: "S"},
  projection: "ALL", attributes: ""};
export const newTable: Wanted = {
  name: "", partition: {name: "id", type: "S"}, sort: {name: "", type: "S"}, provisioned: false, read: 5, write: 5, stream: "",
  isProtected: false, indexes: [],
};

const schema = (partition: WantedKey, sort: WantedKey) => [
  {AttributeName: partition.name, KeyType: "HASH"}, ...(sort.name ? [{AttributeName: sort.name, KeyType: "RANGE"}] : [])];

function indexInput(wanted: Wanted, index: WantedIndex): Input {
  const names = index.attributes.split(",").map((name) => name.trim()).filter(Boolean);
  return {
    IndexName: index.name,
    KeySchema: schema(index.local ? wanted.partition : index.partition, index.sort),
    Projection: {ProjectionType: index.projection, ...(index.projection === "INCLUDE" ? {NonKeyAttributes: names} : {})},
    ...(wanted.provisioned && !index.local
      ? {ProvisionedThroughput: {ReadCapacityUnits: wanted.read, WriteCapacityUnits: wanted.write}} : {}),
  };
}

export function createInput(wanted: Wanted): Input {
  const keys = [wanted.partition, wanted.sort,
    ...wanted.indexes.flatMap((index) => [...(index.local ? [] : [index.partition]), index.sort])].filter((key) => key.name);
  const attributes = [...new Map(keys.map((key) => [key.name, {AttributeName: key.name, AttributeType: key.type}])).values()];
  const indexes = (local: boolean) =>
    wanted.indexes.filter((index) => index.local === local).map((index) => indexInput(wanted, index));
  const global = indexes(false), local = indexes(true);
  return {
    TableName: wanted.name,
    AttributeDefinitions: attributes,
    KeySchema: schema(wanted.partition, wanted.sort),
    BillingMode: wanted.provisioned ? "PROVISIONED" : "PAY_PER_REQUEST",
    ...(wanted.provisioned ? {ProvisionedThroughput: {ReadCapacityUnits: wanted.read, WriteCapacityUnits: wanted.write}} : {}),
    ...(global.length > 0 ? {GlobalSecondaryIndexes: global} : {}),
    ...(local.length > 0 ? {LocalSecondaryIndexes: local} : {}),
    ...(wanted.stream ? {StreamSpecification: {StreamEnabled: true, StreamViewType: wanted.stream}} : {}),
    ...(wanted.isProtected ? {DeletionProtectionEnabled: true} : {}),
  };
}
