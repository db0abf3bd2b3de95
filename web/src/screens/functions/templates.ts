// Events to begin with, in the forms that AWS sends them. Sources: AWS IoT developer guide, "Lifecycle events"; Lambda
// developer guide, "Using Lambda with Amazon SQS", "Using AWS Lambda with Amazon DynamoDB".
export const templates: Record<string, (now: number) => unknown> = {
  connected: (now) => ({
    clientId: "sensor-1", timestamp: now, eventType: "connected", sessionIdentifier: "00000000-0000-0000-0000-000000000001",
    principalIdentifier: "anonymous", ipAddress: "127.0.0.1", versionNumber: 1,
  }),
  disconnected: (now) => ({
    clientId: "sensor-1", timestamp: now, eventType: "disconnected", clientInitiatedDisconnect: false,
    sessionIdentifier: "00000000-0000-0000-0000-000000000001", principalIdentifier: "anonymous", disconnectReason: "CONNECTION_LOST", versionNumber: 1,
  }),
  telemetry: () => ({device: "sensor-1", celsius: 31.5}),
  sqs: (now) => ({
    Records: [
      {
        messageId: "00000000-0000-0000-0000-000000000002", receiptHandle: "handle", body: '{"device":"sensor-1","celsius":31.5}',
        attributes: {ApproximateReceiveCount: "1", SentTimestamp: String(now), SenderId: "000000000000", ApproximateFirstReceiveTimestamp: String(now)},
        messageAttributes: {}, md5OfBody: "b7e1af81d49e8dbb6be4e0ab7e90ee5d", eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:queue", awsRegion: "us-east-1",
      },
    ],
  }),
  dynamodb: (now) => ({
    Records: [
      {
        eventID: "1", eventName: "MODIFY", eventVersion: "1.1", eventSource: "aws:dynamodb", awsRegion: "us-east-1",
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(now / 1000), Keys: {id: {S: "sensor-1"}},
          NewImage: {id: {S: "sensor-1"}, is_connected: {BOOL: true}}, OldImage: {id: {S: "sensor-1"}, is_connected: {BOOL: false}},
          SequenceNumber: "111", SizeBytes: 52, StreamViewType: "NEW_AND_OLD_IMAGES",
        },
        eventSourceARN: "arn:aws:dynamodb:us-east-1:000000000000:table/status/stream/2026-01-01T00:00:00.000",
      },
    ],
  }),
  empty: () => ({}),
};

export const templateNames = Object.keys(templates);
