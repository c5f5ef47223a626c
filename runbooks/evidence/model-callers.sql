-- Who called models, agents, flows and knowledge bases: people and workloads by themselves, and the service roles of agents and knowledge
-- bases for whoever asked those.
-- Needs the table of cloudtrail-table, over a trail with data events of agents, flows, knowledge bases and models.
SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS principal,
       userIdentity.invokedBy AS on_behalf_of_service,
       regexp_extract(userIdentity.arn, '[^/]+$') AS session,
       eventSource,
       eventName,
       coalesce(json_extract_scalar(requestParameters, '$.modelId'),
                json_extract_scalar(requestParameters, '$.model'),
                json_extract_scalar(requestParameters, '$.agentId'),
                json_extract_scalar(requestParameters, '$.flowIdentifier'),
                json_extract_scalar(requestParameters, '$.knowledgeBaseId'),
                json_extract_scalar(requestParameters, '$.agentRuntimeArn')) AS what,
       coalesce(json_extract_scalar(additionalEventData, '$.callWithBearerToken'),
                json_extract_scalar(requestParameters, '$.callWithBearerToken')) AS with_api_key,
       awsRegion,
       count(*) AS calls,
       count(errorCode) AS refused,
       min(eventTime) AS first_call,
       max(eventTime) AS last_call
FROM cloudtrail_events
WHERE ((eventSource = 'bedrock.amazonaws.com'
        AND eventName IN ('InvokeModel', 'InvokeModelWithResponseStream', 'InvokeModelWithBidirectionalStream', 'Converse',
                          'ConverseStream', 'StartAsyncInvoke', 'CreateModelInvocationJob', 'InvokeAgent', 'InvokeInlineAgent',
                          'InvokeFlow', 'StartFlowExecution', 'Retrieve', 'RetrieveAndGenerate', 'RetrieveAndGenerateStream',
                          'RenderPrompt', 'ApplyGuardrail'))
       -- The endpoint for clients of OpenAI and Anthropic, which the log of model invocations does not hold.
       OR (eventSource = 'bedrock-mantle.amazonaws.com'
           AND eventName IN ('CreateInference', 'CreateFineTuningJob'))
       OR (eventSource = 'bedrock-agentcore.amazonaws.com'
           AND eventName LIKE 'Invoke%'))
  AND from_iso8601_timestamp(eventTime) >= from_iso8601_timestamp('{since}')
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ORDER BY calls DESC;
