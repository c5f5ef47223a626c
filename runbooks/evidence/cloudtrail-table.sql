-- Makes a table over a trail's files in a bucket, for every Region and day without loading partitions.
-- Where the files have a prefix, `bucket` is BUCKET/PREFIX; those of an organisation's trail lie below its id, and `account` is ORGANISATION/ACCOUNT.
-- What is a data event is there only where the trail writes those: InvokeAgent, InvokeInlineAgent, InvokeFlow, Retrieve and
-- RetrieveAndGenerate, streams in both directions, the endpoint bedrock-mantle, and nearly all use of Amazon Q.
CREATE EXTERNAL TABLE IF NOT EXISTS cloudtrail_events (
  eventVersion string,
  userIdentity struct<
    type: string,
    principalId: string,
    arn: string,
    accountId: string,
    accessKeyId: string,
    userName: string,
    invokedBy: string,
    sessionContext: struct<
      attributes: struct<creationDate: string, mfaAuthenticated: string>,
      sessionIssuer: struct<type: string, principalId: string, arn: string, accountId: string, userName: string>>>,
  eventTime string,
  eventSource string,
  eventName string,
  awsRegion string,
  sourceIpAddress string,
  userAgent string,
  errorCode string,
  errorMessage string,
  requestParameters string,
  responseElements string,
  additionalEventData string,
  requestId string,
  eventId string,
  readOnly string,
  resources array<struct<arn: string, accountId: string, type: string>>,
  eventType string,
  recipientAccountId string,
  sharedEventId string
)
PARTITIONED BY (region string, day string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://{bucket}/AWSLogs/{account}/CloudTrail/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.region.type' = 'enum',
  'projection.region.values' = '{regions}',
  'projection.day.type' = 'date',
  'projection.day.range' = '2024/01/01,NOW',
  'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://{bucket}/AWSLogs/{account}/CloudTrail/${region}/${day}'
);
