-- What a principal asked and was answered since the intruder was first seen: handle what it shows as evidence.
-- Needs the table of invocation-logs-table. Bodies over 100 KB lie apart, at the paths that are shown.
SELECT from_iso8601_timestamp("timestamp") AS at,
       region,
       modelId,
       requestId,
       input.inputBodyJson AS prompt,
       input.inputBodyS3Path AS prompt_path,
       output.outputBodyJson AS answer,
       output.outputBodyS3Path AS answer_path
FROM bedrock_model_invocations
WHERE strpos(identity.arn, '{name}') > 0
  AND from_iso8601_timestamp("timestamp") >= from_iso8601_timestamp('{since}')
ORDER BY at;
