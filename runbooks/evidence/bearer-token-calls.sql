-- Calls that were made with Bedrock API keys, and the making of long-term ones.
-- Needs the table of cloudtrail-table.
SELECT eventTime,
       awsRegion,
       eventSource,
       eventName,
       errorCode,
       userIdentity.arn AS caller,
       userIdentity.accessKeyId AS access_key,
       sourceIpAddress,
       userAgent,
       requestParameters
FROM cloudtrail_events
WHERE (json_extract_scalar(additionalEventData, '$.callWithBearerToken') = 'true'
       OR (eventSource = 'iam.amazonaws.com'
           AND eventName IN ('CreateServiceSpecificCredential', 'ResetServiceSpecificCredential')))
  AND from_iso8601_timestamp(eventTime) >= from_iso8601_timestamp('{since}')
ORDER BY eventTime;
