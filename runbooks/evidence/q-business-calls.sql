-- Who asked applications of Amazon Q Business, put documents in, or changed who sees what, since the intruder was first seen.
-- Needs the table of cloudtrail-table, over a trail with data events of AWS::QBusiness::Application and what it holds.
SELECT eventTime,
       awsRegion,
       eventName,
       errorCode,
       coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS principal,
       regexp_extract(userIdentity.arn, '[^/]+$') AS session,
       json_extract_scalar(requestParameters, '$.applicationId') AS application,
       json_extract_scalar(requestParameters, '$.userId') AS person,
       json_extract_scalar(requestParameters, '$.conversationId') AS conversation,
       sourceIpAddress,
       userAgent,
       requestParameters,
       responseElements
FROM cloudtrail_events
WHERE eventSource IN ('qbusiness.amazonaws.com', 'qapps.amazonaws.com')
  AND (readOnly = 'false'
       OR eventName IN ('Chat', 'ChatSync', 'SearchRelevantContent', 'GetDocumentContent', 'GetMedia', 'ListConversations',
                        'ListMessages', 'CreateAnonymousWebExperienceUrl'))
  AND from_iso8601_timestamp(eventTime) >= from_iso8601_timestamp('{since}')
ORDER BY eventTime;
