-- Calls that were refused: one caller that tries model after model is somebody who looks what a key can do.
-- Needs the table of invocation-logs-table.
SELECT identity.arn AS caller,
       errorCode,
       count(*) AS calls,
       count(DISTINCT modelId) AS models,
       count(DISTINCT region) AS regions,
       min(from_iso8601_timestamp("timestamp")) AS first_call
FROM bedrock_model_invocations
WHERE errorCode IS NOT NULL
  AND from_iso8601_timestamp("timestamp") >= from_iso8601_timestamp('{since}')
GROUP BY identity.arn, errorCode
ORDER BY models DESC, calls DESC;
