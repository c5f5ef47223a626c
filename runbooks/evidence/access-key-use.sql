-- Which access keys called since, from where and for what: a key that is still used has not been replaced everywhere.
-- Needs the table of cloudtrail-table.
SELECT userIdentity.accessKeyId AS access_key,
       userIdentity.arn AS caller,
       eventSource,
       sourceIpAddress,
       arbitrary(userAgent) AS a_user_agent,
       count(*) AS calls,
       count(errorCode) AS refused,
       min(eventTime) AS first_call,
       max(eventTime) AS last_call
FROM cloudtrail_events
WHERE userIdentity.accessKeyId LIKE 'AKIA%'
  AND from_iso8601_timestamp(eventTime) >= from_iso8601_timestamp('{since}')
GROUP BY 1, 2, 3, 4
ORDER BY access_key, last_call DESC;
