#!/usr/bin/env python3
"""Makes src/range/wire/table.json of the public service models that botocore carries.

    .ci/wire-table.py            writes the table
    .ci/wire-table.py --check    says whether the committed table still agrees with the pinned models

Which operations stand in it is decided in src/range/wire/operations.txt. botocore is installed under target/, once.
"""

import gzip
import json
import pathlib
import re
import subprocess
import sys

BOTOCORE = "1.43.11"
ROOT = pathlib.Path(__file__).resolve().parent.parent
WIRE = ROOT / "src/range/wire"
TABLE = WIRE / "table.json"

# What the models say but Java's or AWS's own regular expressions do not mean, and what the range's engine cannot read.
REPAIRS = {
    # The look-ahead forbids two hyphens in a row; the length is checked apart.
    r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$": r"[a-z0-9]+(-[a-z0-9]+)*",
    # Five digits after \u: what is meant are the planes above the first.
    r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+":
        r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]+",
}
# `/d` where `\d` is meant: the model's pattern for taggable ARNs, taken literally, matches no ARN at all.
MISSPELT_DIGIT = re.compile(r"/d(?=\{|\+)")

# IAM hands out these texts percent-encoded (RFC 3986), which the models say only in prose.
URI_ENCODED = {("iam", "policyDocumentType")}

# Values that a service sends although its model does not name them.
UNNAMED_VALUES = {
    # AWS's own examples of SimulatePrincipalPolicy.
    ("iam", "PolicySourceType"): ["IAM Policy"],
}

# What clients of awsQuery know the errors of a service by that spoke it once, where that is not the name of the shape. botocore leaves
# it out; the models that other SDKs are made from say it, and so do their readers of errors.
QUERY_CODES = {
    "sqs": {
        "AccessDeniedException": "AccessDenied",
        "BatchEntryIdsNotDistinct": "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        "BatchRequestTooLong": "AWS.SimpleQueueService.BatchRequestTooLong",
        "EmptyBatchRequest": "AWS.SimpleQueueService.EmptyBatchRequest",
        "InvalidBatchEntryId": "AWS.SimpleQueueService.InvalidBatchEntryId",
        "MessageNotInflight": "AWS.SimpleQueueService.MessageNotInflight",
        "PurgeQueueInProgress": "AWS.SimpleQueueService.PurgeQueueInProgress",
        "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists": "QueueAlreadyExists",
        "TooManyEntriesInBatchRequest": "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "UnrecognizedClientException": "InvalidClientTokenId",
        "UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
    },
}

# Members that the range does not speak: the traces, files, tools and citations of an invocation, and what goes into them.
LEFT_OUT = {
    # A finding is looked up to see that it is there and about whom it is: what GuardDuty knows of machines is left out.
    ("guardduty", "GetFindingsRequest"): {"SortCriteria"},
    ("guardduty", "Resource"): {"S3BucketDetails", "InstanceDetails", "EksClusterDetails", "KubernetesDetails", "EbsVolumeDetails",
                                "EcsClusterDetails", "ContainerDetails", "LambdaDetails", "RdsDbInstanceDetails",
                                "RdsLimitlessDbDetails", "RdsDbUserDetails", "EbsSnapshotDetails", "Ec2ImageDetails",
                                "RecoveryPointDetails"},
    ("guardduty", "Service"): {"EbsVolumeScanDetails", "RuntimeDetails", "MalwareScanDetails", "Evidence", "Detection"},
    ("guardduty", "Action"): {"DnsRequestAction", "NetworkConnectionAction", "PortProbeAction", "KubernetesApiCallAction",
                              "RdsLoginAttemptAction", "KubernetesPermissionCheckedDetails", "KubernetesRoleBindingDetails",
                              "KubernetesRoleDetails"},
    ("bedrock-agent-runtime", "InvokeAgentRequest"): {"sessionState", "bedrockModelConfigurations",
                                                      "promptCreationConfigurations", "streamingConfigurations"},
    ("bedrock-agent-runtime", "ResponseStream"): {"trace", "returnControl", "files"},
    ("bedrock-agent-runtime", "PayloadPart"): {"attribution"},
    ("bedrock-runtime", "ConverseRequest"): {"toolConfig", "guardrailConfig", "additionalModelRequestFields", "promptVariables",
                                             "additionalModelResponseFieldPaths", "requestMetadata", "performanceConfig",
                                             "serviceTier", "outputConfig"},
    ("bedrock-runtime", "ConverseResponse"): {"additionalModelResponseFields", "trace", "performanceConfig", "serviceTier"},
    ("bedrock-runtime", "ContentBlock"): {"image", "document", "video", "audio", "toolUse", "toolResult", "guardContent",
                                          "cachePoint", "reasoningContent", "citationsContent", "searchResult"},
    ("bedrock-runtime", "SystemContentBlock"): {"guardContent", "cachePoint"},
    ("bedrock-runtime", "TokenUsage"): {"cacheReadInputTokens", "cacheWriteInputTokens", "cacheDetails"},
}

TIMESTAMPS = {"query": "iso8601", "rest-json": "unixTimestamp", "json": "unixTimestamp"}


def models():
    """Imports the pinned botocore, after installing it if need be, and returns its data folder."""
    home = ROOT / "target/ci" / f"botocore-{BOTOCORE}"
    if not (home / "botocore/data").is_dir():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--root-user-action=ignore", "--no-deps", "--target", str(home),
                        f"botocore=={BOTOCORE}"], check=True)
    return home / "botocore/data"


def wanted():
    """Reads the list of operations: service folder -> names, in the order of the list."""
    services = {}
    for line in (WIRE / "operations.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            service, names = line.split(":", 1)
            services.setdefault(service, []).extend(names.split())
    return services


def read_model(data, service):
    folder = max(path for path in (data / service).iterdir() if path.is_dir())
    path = next(folder.glob("service-2.json*"))
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as text:
        return json.load(text)


def pattern_of(text):
    return REPAIRS.get(text) or MISSPELT_DIGIT.sub(r"\\d", text)


class Extract:
    """The shapes of one service that its wanted operations reach."""

    def __init__(self, service, model):
        self.service, self.model, self.shapes = service, model, {}
        self.protocol = model["metadata"]["protocol"]

    def take(self, name, checked):
        """Takes a shape and what it is made of; `checked` keeps the constraints that a service checks in requests."""
        known = self.shapes.get(name)
        if known is not None and (known["checked"] or not checked):
            return
        source = self.model["shapes"][name]
        shape = {"type": source["type"], "checked": checked}
        self.shapes[name] = shape
        if source.get("document"):
            shape["type"] = "document"
            return
        if source["type"] == "structure":
            left_out = LEFT_OUT.get((self.service, name), set())
            missing = left_out - set(source["members"])
            if missing:
                sys.exit(f"{self.service}: {name} has no member {sorted(missing)} to leave out")
            shape["members"] = [self.member(source, member, at) for member, at in source["members"].items()
                                if member not in left_out and not self.is_error(at["shape"])]
            for flag in ("union", "eventstream"):
                if source.get(flag):
                    shape[flag] = True
            if "payload" in source:
                shape["payload"] = source["payload"]
            for at in shape["members"]:
                self.take(at["shape"], checked)
            return
        for part in ("member", "key", "value"):
            if part in source:
                shape[part] = source[part]["shape"]
                self.take(source[part]["shape"], checked)
        if source["type"] == "timestamp":
            shape["format"] = source.get("timestampFormat", TIMESTAMPS[self.protocol])
        if (self.service, name) in URI_ENCODED:
            shape["uri_encoded"] = True
        if "enum" in source:
            shape["enum"] = source["enum"] + UNNAMED_VALUES.get((self.service, name), [])
        if checked:
            for limit in ("min", "max"):
                if limit in source:
                    shape[limit] = source[limit]
            if "pattern" in source:
                shape["pattern"] = pattern_of(source["pattern"])

    def is_error(self, name):
        return self.model["shapes"][name].get("exception", False)

    def member(self, structure, name, at):
        taken = {"name": name, "shape": at["shape"]}
        if name in structure.get("required", ()):
            taken["required"] = True
        if "location" in at:
            taken["in"] = {"querystring": "query"}.get(at["location"], at["location"])
        if at.get("locationName", name) != name:
            taken["as"] = at["locationName"]
        unknown = set(at) & {"flattened", "xmlAttribute", "xmlNamespace", "streaming", "hostLabel", "jsonvalue"}
        if self.protocol == "json":
            # What is said of XML is left from the time when the service spoke it.
            unknown -= {"flattened", "xmlAttribute", "xmlNamespace"}
        if unknown:
            sys.exit(f"{self.service}: {name} is sent in a way that the wire does not speak: {sorted(unknown)}")
        return taken

    def operation(self, name):
        source = self.model["operations"][name]
        operation = {"name": name, "method": source["http"]["method"], "path": source["http"]["requestUri"],
                     "status": source["http"].get("responseCode", 200)}
        if "input" in source:
            operation["input"] = source["input"]["shape"]
            self.take(operation["input"], True)
        if "output" in source:
            operation["output"] = source["output"]["shape"]
            self.take(operation["output"], False)
        operation["errors"] = [self.error_code(error["shape"]) for error in source.get("errors", ())]
        return operation

    def error_code(self, name):
        return self.model["shapes"][name].get("error", {}).get("code", name)

    def errors(self, operations):
        """Code -> HTTP status, for every error of the wanted operations."""
        statuses = {}
        for operation in operations:
            for error in self.model["operations"][operation["name"]].get("errors", ()):
                shape = self.model["shapes"][error["shape"]]
                status = shape.get("error", {}).get("httpStatusCode", 500 if shape.get("fault") else 400)
                statuses[self.error_code(error["shape"])] = status
        return dict(sorted(statuses.items()))


def lines(rows, indent):
    return (",\n" + indent).join(rows)


def render(services):
    """Writes the table with one operation or shape a line, so that changes of the models are readable."""
    def compact(value):
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))

    blocks = []
    for head, operations, shapes in services:
        rows = [f"{compact(key)}:{compact(value)}" for key, value in head.items()]
        rows.append('"operations":[\n   ' + lines([compact(row) for row in operations], "   ") + "\n  ]")
        rows.append('"shapes":{\n   ' + lines([f"{compact(n)}:{compact(s)}" for n, s in shapes.items()], "   ") + "\n  }")
        blocks.append("{\n  " + lines(rows, "  ") + "\n }")
    return f'{{"botocore":{compact(BOTOCORE)},"services":[\n ' + lines(blocks, " ") + "\n]}\n"


def make():
    data = models()
    services = []
    for service, names in wanted().items():
        model = read_model(data, service)
        meta = model["metadata"]
        extract = Extract(service, model)
        operations = [extract.operation(name) for name in names]
        shapes = {name: {k: v for k, v in shape.items() if k != "checked"}
                  for name, shape in sorted(extract.shapes.items())}
        head = {"name": service, "protocol": meta["protocol"], "version": meta["apiVersion"],
                "signing_name": meta.get("signingName", meta["endpointPrefix"])}
        if "xmlNamespace" in meta:
            head["namespace"] = meta["xmlNamespace"]
        if "targetPrefix" in meta:
            head["target_prefix"] = meta["targetPrefix"]
            head["json_version"] = meta["jsonVersion"]
        head["errors"] = extract.errors(operations)
        if "awsQueryCompatible" in meta:
            head["query_errors"] = QUERY_CODES[service]
        services.append((head, operations, shapes))
    return render(services)


def main():
    table = make()
    if sys.argv[1:] == ["--check"]:
        if not TABLE.exists() or TABLE.read_text() != table:
            sys.exit(f"{TABLE.relative_to(ROOT)} differs from botocore {BOTOCORE}: run .ci/wire-table.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        TABLE.write_text(table)


main()
