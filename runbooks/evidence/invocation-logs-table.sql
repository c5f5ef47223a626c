-- Makes a table over the model invocation logs of Amazon Bedrock in a bucket.
-- Where the logs have a prefix, `bucket` is BUCKET/PREFIX.
CREATE EXTERNAL TABLE IF NOT EXISTS bedrock_model_invocations (
  schemaType string,
  schemaVersion string,
  `timestamp` string,
  accountId string,
  identity struct<arn: string>,
  region string,
  requestId string,
  operation string,
  modelId string,
  errorCode string,
  input struct<
    inputContentType: string,
    inputBodyJson: string,
    inputBodyS3Path: string,
    inputTokenCount: int>,
  output struct<
    outputContentType: string,
    outputBodyJson: string,
    outputBodyS3Path: string,
    outputTokenCount: int,
    outputImageHeight: int,
    outputImageWidth: int,
    outputImageBucketedStepSize: int>
)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')
LOCATION 's3://{bucket}/AWSLogs/{account}/BedrockModelInvocationLogs/';
