"""Compares predictions of our evaluator with an emulator that enforces policies on real, signed calls.

Each case makes a user with a key (or a role with a session), gives it policies, perhaps deactivates the key, and calls IAM.
Prediction: an inactive key is refused whatever the policies say; everything else is what our evaluator answers.
The same cases run against a served range, which decides about the keys itself: range and emulator have to agree.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import botocore.config
import botocore.exceptions
import botocore.session

HOUR = timedelta(hours=1)
# The administrator of a served range: the pair of AWS's documentation.
RESPONDER = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SESSION = botocore.session.Session()


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def client(service, url, key, secret, token=None):
    config = botocore.config.Config(retries={"max_attempts": 0})
    return SESSION.create_client(
        service, "us-east-1", endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, config=config
    )


def statement(dice, now):
    effect = dice.choice(["Allow", "Deny", "Deny"])
    made = {"Effect": effect, "Resource": "*"}
    made[dice.choice(["Action", "Action", "Action", "NotAction"])] = dice.choice(["*", "iam:*", "iam:List*", "IAM:listus?rs", "iam:Get*", "s3:*"])
    if dice.random() < 0.7:
        operator = dice.choice(["DateLessThan", "DateGreaterThan"]) + dice.choice(["", "", "IfExists"])
        made["Condition"] = {operator: {"aws:TokenIssueTime": stamp(now + dice.choice([-HOUR, HOUR]))}}
    return made


def make_case(dice, index, now):
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    documents = [{"Version": "2012-10-17", "Statement": [allow]}] if dice.random() < 0.8 else []
    documents.append({"Version": "2012-10-17", "Statement": [statement(dice, now) for _ in range(dice.choice([1, 2]))]})
    credential = dice.choice(["key", "key", "inactive key", "role session"])
    return {"name": f"case-{index}", "credential": credential, "documents": documents}


def try_it(url, root, case):
    """The outcome of ListUsers by the case's principal: allowed, denied, or the error's code."""
    admin = client("iam", url, *root)
    name = case["name"]
    if case["credential"] == "role session":
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": case["account"]}, "Action": "sts:AssumeRole"}]}
        arn = admin.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        put, who = admin.put_role_policy, {"RoleName": name}
    else:
        admin.create_user(UserName=name)
        made = admin.create_access_key(UserName=name)["AccessKey"]
        credential = (made["AccessKeyId"], made["SecretAccessKey"])
        put, who = admin.put_user_policy, {"UserName": name}
        if case["credential"] == "inactive key":
            admin.update_access_key(UserName=name, AccessKeyId=credential[0], Status="Inactive")
    for index, document in enumerate(case["documents"]):
        put(PolicyName=f"p{index}", PolicyDocument=json.dumps(document), **who)
    if case["credential"] == "role session":
        made = client("sts", url, *root).assume_role(RoleArn=arn, RoleSessionName="s1")["Credentials"]
        credential = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    try:
        client("iam", url, *credential).list_users()
        return "allowed"
    except botocore.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        return {"AccessDenied": "denied", "InvalidClientTokenId": "no such key"}.get(code, code)


def predict(program, cases, account, now):
    lines = []
    for case in cases:
        if case["credential"] == "role session":
            who = {"kind": "role-session", "role": f"arn:aws:iam::{account}:role/{case['name']}", "id": "AROAEXAMPLE", "session": "s1", "issued": stamp(now), "mfa": False}
        else:
            who = {"kind": "user", "arn": f"arn:aws:iam::{account}:user/{case['name']}", "id": "AIDAEXAMPLE"}
        resource = f"arn:aws:iam::{account}:user/"
        lines.append(json.dumps({"principal": who, "action": "iam:ListUsers", "resource": resource, "now": stamp(now), "identity": case["documents"]}))
    asked = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    answers = [json.loads(line)["decision"] for line in asked.stdout.splitlines()]
    return ["no such key" if case["credential"] == "inactive key" else answer for case, answer in zip(cases, answers)]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--ours", required=True)
    arguments.add_argument("--seed", type=int, default=20261122)
    arguments.add_argument("--cases", type=int, default=120)
    arguments.add_argument("--quell", required=True, help="the program that serves the range")
    options = arguments.parse_args()
    now = datetime.now(timezone.utc)
    dice = random.Random(options.seed)
    cases = [make_case(dice, index, now) for index in range(options.cases)]
    predicted = predict(options.ours, cases, "000000000000", now)
    print(f"{len(cases)} live cases, seed {options.seed}")

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    emulator = subprocess.Popen([sys.executable, "-m", "ministack"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    serve = [options.quell, "range", "serve", "--scenario", str(Path(__file__).with_name("settled.yaml")), "--listen", "127.0.0.1:0"]
    served = subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    wrong = 0
    try:
        endpoints = [
            ("the emulator", f"http://127.0.0.1:{port}", ("test", "test"), "000000000000"),
            ("the range", served.stdout.readline().strip(), RESPONDER, "111122223333"),
        ]
        for _ in range(150):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        for label, url, root, account in endpoints:
            tally = {}
            for case, expected in zip(cases, predicted):
                found = try_it(url, root, {**case, "account": account})
                tally[found] = tally.get(found, 0) + 1
                if found != expected:
                    wrong += 1
                    print(f"{case['name']} of seed {options.seed}: ours {expected}, {label} {found}\n{json.dumps(case, indent=1)}", file=sys.stderr)
            print(f"{label}: {tally}")
    finally:
        for process in (emulator, served):
            process.terminate()
            process.wait()
    print(f"disagreements: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
