-- Who used Amazon Q Developer, in the console, in chats and in editors, and what Q did with their permissions.
-- Needs the table of cloudtrail-table; what editors ask is in data events of CodeWhisperer's profiles and customizations.
SELECT eventTime,
       awsRegion,
       eventSource,
       eventName,
       errorCode,
       coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS principal,
       regexp_extract(userIdentity.arn, '[^/]+$') AS session,
       userIdentity.invokedBy AS on_behalf_of_service,
       sourceIpAddress,
       userAgent,
       requestParameters
FROM cloudtrail_events
WHERE (eventSource IN ('q.amazonaws.com', 'codewhisperer.amazonaws.com', 'user-subscriptions.amazonaws.com')
       OR userIdentity.invokedBy = 'q.amazonaws.com')
  AND from_iso8601_timestamp(eventTime) >= from_iso8601_timestamp('{since}')
ORDER BY eventTime;
