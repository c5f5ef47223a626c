-- What a principal did since the intruder was first seen, its sessions included, reads last. A session's ARN stands for its role.
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
       requestParameters,
       responseElements
FROM cloudtrail_events
WHERE (userIdentity.arn = '{principal}' OR userIdentity.sessionContext.sessionIssuer.arn = '{principal}'
       OR regexp_extract(userIdentity.arn, '^(.+:assumed-role/[^/]+)/', 1) = regexp_extract('{principal}', '^(.+:assumed-role/[^/]+)/', 1))
  AND from_iso8601_timestamp(eventTime) >= from_iso8601_timestamp('{since}')
ORDER BY readOnly, eventTime;
