// The beginning of each kind of action, to be filled in. Members as in the AWS IoT API reference, Action.
import type {Action} from "./rule";

export interface Place {
  region: string;
  account: string;
}

type Skeleton = (place: Place, role: string) => Record<string, unknown>;

const arn = (place: Place, service: string, what: string) => `arn:aws:${service}:${place.region}:${place.account}:${what}`;

const skeletons: Record<string, Skeleton> = {
  lambda: (place) => ({functionArn: arn(place, "lambda", "function:FUNCTION")}),
  dynamoDBv2: (_, roleArn) => ({roleArn, putItem: {tableName: "TABLE"}}),
  dynamoDB: (_, roleArn) => ({roleArn, tableName: "TABLE", hashKeyField: "id", hashKeyValue: "${clientId()}", hashKeyType: "STRING", payloadField: "payload"}),
  sqs: (place, roleArn) => ({roleArn, queueUrl: `${location.origin}/${place.account}/QUEUE`, useBase64: false}),
  republish: (_, roleArn) => ({roleArn, topic: "TOPIC", qos: 1}),
  s3: (_, roleArn) => ({roleArn, bucketName: "BUCKET", key: "${topic()}/${timestamp()}"}),
  sns: (place, roleArn) => ({roleArn, targetArn: arn(place, "sns", "TOPIC"), messageFormat: "RAW"}),
  kinesis: (_, roleArn) => ({roleArn, streamName: "STREAM", partitionKey: "${clientId()}"}),
  firehose: (_, roleArn) => ({roleArn, deliveryStreamName: "STREAM", separator: "\n"}),
  http: () => ({url: "https://HOST/PATH", confirmationUrl: "https://HOST/"}),
  kafka: (place) => ({destinationArn: arn(place, "iot", "ruledestination/vpc/ID"), topic: "TOPIC", clientProperties: {"bootstrap.servers": "HOST:9092"}}),
  cloudwatchLogs: (_, roleArn) => ({roleArn, logGroupName: "GROUP"}),
  cloudwatchMetric: (_, roleArn) => ({roleArn, metricNamespace: "NAMESPACE", metricName: "NAME", metricValue: "${value}", metricUnit: "None"}),
  cloudwatchAlarm: (_, roleArn) => ({roleArn, alarmName: "ALARM", stateReason: "REASON", stateValue: "ALARM"}),
  stepFunctions: (_, roleArn) => ({roleArn, stateMachineName: "MACHINE", executionNamePrefix: "iot-"}),
  timestream: (_, roleArn) => ({roleArn, databaseName: "DATABASE", tableName: "TABLE", dimensions: [{name: "device", value: "${clientId()}"}]}),
  openSearch: (_, roleArn) => ({roleArn, endpoint: "https://DOMAIN", index: "INDEX", type: "_doc", id: "${newuuid()}"}),
  elasticsearch: (_, roleArn) => ({roleArn, endpoint: "https://DOMAIN", index: "INDEX", type: "_doc", id: "${newuuid()}"}),
  iotEvents: (_, roleArn) => ({roleArn, inputName: "INPUT"}),
  iotAnalytics: (_, roleArn) => ({roleArn, channelName: "CHANNEL"}),
  iotSiteWise: (_, roleArn) => ({
    roleArn,
    putAssetPropertyValueEntries: [
      {propertyAlias: "ALIAS", propertyValues: [{value: {doubleValue: "${value}"}, timestamp: {timeInSeconds: "${floor(timestamp() / 1000)}"}}]},
    ],
  }),
  location: (_, roleArn) => ({roleArn, trackerName: "TRACKER", deviceId: "${clientId()}", latitude: "${latitude}", longitude: "${longitude}"}),
  influxDB: (place, roleArn) => ({roleArn, destinationArn: arn(place, "iot", "ruledestination/influxdb/ID"), databaseName: "BUCKET", tableName: "MEASUREMENT"}),
  salesforce: () => ({token: "TOKEN", url: "https://ingestion-CLUSTER.REGION.sfdcnow.com/streams/ID/ID/event"}),
};

export const kinds = Object.keys(skeletons);

export function skeleton(kind: string, place: Place): Action {
  return {[kind]: skeletons[kind]?.(place, `arn:aws:iam::${place.account}:role/ROLE`) ?? {}};
}
