-- Who called which models since the intruder was first seen, how often, and how many tokens it cost.
-- Needs the table of invocation-logs-table.
SELECT identity.arn AS caller,
       region,
       modelId,
       count(*) AS calls,
       sum(input.inputTokenCount) AS input_tokens,
       sum(output.outputTokenCount) AS output_tokens,
       min(from_iso8601_timestamp("timestamp")) AS first_call,
       max(from_iso8601_timestamp("timestamp")) AS last_call
FROM bedrock_model_invocations
WHERE from_iso8601_timestamp("timestamp") >= from_iso8601_timestamp('{since}')
GROUP BY identity.arn, region, modelId
ORDER BY calls DESC;
