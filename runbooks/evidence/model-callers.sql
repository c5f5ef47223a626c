-- Who called models: people and workloads by themselves, and the service roles of agents and knowledge bases for whoever asked those.
-- Needs the table of cloudtrail-table.
SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS principal,
       userIdentity.invokedBy AS on_behalf_of_service,
       regexp_extract(userIdentity.arn, '[^/]+$') AS session,
       eventName,
       json_extract_scalar(requestParameters, '$.modelId') AS model,
       awsRegion,
       count(*) AS calls,
       min(eventTime) AS first_call,
       max(eventTime) AS last_call
FROM cloudtrail_events
WHERE eventSource = 'bedrock.amazonaws.com'
  AND eventName IN ('InvokeModel', 'InvokeModelWithResponseStream', 'Converse', 'ConverseStream', 'InvokeAgent',
                    'Retrieve', 'RetrieveAndGenerate')
  AND from_iso8601_timestamp(eventTime) >= from_iso8601_timestamp('{since}')
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY calls DESC;
