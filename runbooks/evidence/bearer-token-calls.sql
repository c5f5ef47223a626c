-- Calls that were made with Bedrock API keys, and the making and switching on of long-term ones.
-- Needs the table of cloudtrail-table. IAM's events are in us-east-1; most calls of models through agents, flows and the endpoint
-- bedrock-mantle are data events.
SELECT eventTime,
       awsRegion,
       eventSource,
       eventName,
       errorCode,
       userIdentity.arn AS caller,
       userIdentity.accessKeyId AS access_key,
       coalesce(json_extract_scalar(additionalEventData, '$.bearerTokenType'),
                json_extract_scalar(requestParameters, '$.bearerTokenType')) AS kind_of_key,
       sourceIpAddress,
       userAgent,
       requestParameters
FROM cloudtrail_events
WHERE (json_extract_scalar(additionalEventData, '$.callWithBearerToken') = 'true'
       -- bedrock-mantle writes it elsewhere.
       OR json_extract_scalar(requestParameters, '$.callWithBearerToken') = 'true'
       OR eventName = 'CallWithBearerToken'
       OR (eventSource = 'iam.amazonaws.com'
           AND eventName IN ('CreateServiceSpecificCredential', 'ResetServiceSpecificCredential',
                             'UpdateServiceSpecificCredential')))
  AND from_iso8601_timestamp(eventTime) >= from_iso8601_timestamp('{since}')
ORDER BY eventTime;
