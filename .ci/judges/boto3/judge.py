#!/usr/bin/env python3
"""Judges the range with clients that we did not write: boto3 and the AWS CLI.

    .ci/judges/boto3/judge.py target/debug/quell

Starts `quell range serve` with the scenario beside this file, calls every operation of the wire's table, holds the
parsed replies against what was asked for, and fails if an operation never succeeded. The clients are installed under
target/, once.
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
REGION = "us-east-1"
ACCOUNT = "111122223333"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
               "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}


def clients():
    """The venv with the pinned clients, made if need be."""
    requirements = HERE / "requirements.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    home = ROOT / "target/ci" / f"boto3-{digest}"
    if not (home / "bin/aws").exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin/pip"), "install", "--quiet", "--root-user-action=ignore", "-r", str(requirements)], check=True)
    return home


def restart_inside(home):
    """Goes on in the venv, with nothing of the caller's AWS configuration."""
    if pathlib.Path(sys.prefix) != home:
        python = str(home / "bin/python")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        os.execve(python, [python, *sys.argv], kept)


def serve(binary):
    """Starts the range; its first line is its address."""
    command = [binary, "range", "serve", "--scenario", str(HERE / "scenario.yaml")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    endpoint = server.stdout.readline().strip()
    if not endpoint.startswith("http://127.0.0.1:"):
        server.terminate()
        sys.exit(f"the first line of `range serve` is no address: {endpoint!r}")
    return server, endpoint


class Judge:
    """A session that notes which operations succeeded."""

    def __init__(self, endpoint):
        import boto3
        self.endpoint, self.succeeded = endpoint, set()
        self.session = boto3.Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
                                     region_name=REGION)
        self.session.events.register("after-call", self.note)

    def note(self, http_response, model, **_):
        if http_response.status_code < 300:
            self.succeeded.add((model.service_model.service_name, model.name))

    def client(self, service, **more):
        return self.session.client(service, endpoint_url=self.endpoint, **more)

    def paged(self, client, operation, key, **arguments):
        """Reads all pages and proves that they are short."""
        pages = list(client.get_paginator(operation).paginate(**arguments))
        assert all(len(page[key]) <= 2 for page in pages), (operation, pages)
        return [item for page in pages for item in page[key]]


def refused(code, call, **arguments):
    """The error of a call that must fail with that code."""
    from botocore.exceptions import ClientError
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        assert error.response["ResponseMetadata"]["RequestId"], error.response
        return error
    raise AssertionError(f"{call.__name__} was not refused with {code}")


def until(condition, within=15):
    """Asks until the answer is true: the range is eventually consistent, as AWS is."""
    deadline = time.monotonic() + within
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)
    return answer


TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}]}
POLICY = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Ue", "Effect": "Allow", "Action": ["s3:GetObject", "iam:GetRole"], "Resource": "*"}]}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def roles(judge):
    iam = judge.client("iam")
    for number in range(3):
        made = iam.create_role(RoleName=f"role-{number}", Path="/judged/", Description="a < b & \"c\"",
                               AssumeRolePolicyDocument=json.dumps(TRUST), Tags=[{"Key": "ü", "Value": "a+b"}])["Role"]
        assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/judged/role-{number}", made
        assert made["AssumeRolePolicyDocument"] == TRUST, made
    names = [role["RoleName"] for role in judge.paged(iam, "list_roles", "Roles", PathPrefix="/judged/")]
    assert names == ["role-0", "role-1", "role-2"], names
    role = iam.get_role(RoleName="role-0")["Role"]
    assert role["Description"] == "a < b & \"c\"" and role["CreateDate"].tzinfo is not None, role
    assert iam.list_role_tags(RoleName="role-0")["Tags"] == [{"Key": "ü", "Value": "a+b"}]
    refused("EntityAlreadyExists", iam.create_role, RoleName="role-0", AssumeRolePolicyDocument=json.dumps(TRUST))
    refused("MalformedPolicyDocument", iam.update_assume_role_policy, RoleName="role-0", PolicyDocument="{")
    locked = json.loads(json.dumps(TRUST).replace("Allow", "Deny"))
    iam.update_assume_role_policy(RoleName="role-0", PolicyDocument=json.dumps(locked))
    until(lambda: iam.get_role(RoleName="role-0")["Role"]["AssumeRolePolicyDocument"] == locked)
    for number in range(3):
        iam.put_role_policy(RoleName="role-0", PolicyName=f"p{number}", PolicyDocument=json.dumps(POLICY, indent=1))
    assert judge.paged(iam, "list_role_policies", "PolicyNames", RoleName="role-0") == ["p0", "p1", "p2"]
    assert iam.get_role_policy(RoleName="role-0", PolicyName="p0")["PolicyDocument"] == POLICY
    iam.attach_role_policy(RoleName="role-0", PolicyArn=READ_ONLY)
    attached = iam.list_attached_role_policies(RoleName="role-0")["AttachedPolicies"]
    assert attached == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}], attached
    iam.put_role_permissions_boundary(RoleName="role-0", PermissionsBoundary=READ_ONLY)
    until(lambda: "PermissionsBoundary" in iam.get_role(RoleName="role-0")["Role"])
    iam.delete_role_permissions_boundary(RoleName="role-0")
    until(lambda: "PermissionsBoundary" not in iam.get_role(RoleName="role-0")["Role"])
    profiles = iam.list_instance_profiles_for_role(RoleName="agents")["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in profiles] == ["web"], profiles
    refused("DeleteConflict", iam.delete_role, RoleName="role-0")
    iam.detach_role_policy(RoleName="role-0", PolicyArn=READ_ONLY)
    for number in range(3):
        iam.delete_role_policy(RoleName="role-0", PolicyName=f"p{number}")
    until(lambda: not iam.list_role_policies(RoleName="role-0")["PolicyNames"])
    iam.delete_role(RoleName="role-0")
    refused("NoSuchEntity", iam.get_role, RoleName="role-0")
    # boto3 checks lengths by itself, so that only what it lets through is put to the range.
    error = refused("ValidationError", iam.get_role, RoleName="not a name")
    assert "at 'roleName' failed to satisfy constraint" in str(error), error


def users(judge):
    iam = judge.client("iam")
    for number in range(3):
        iam.create_user(UserName=f"user-{number}", Path="/judged/")
    listed = judge.paged(iam, "list_users", "Users", PathPrefix="/judged/")
    assert [user["UserName"] for user in listed] == ["user-0", "user-1", "user-2"], listed
    assert iam.get_user(UserName="user-0")["User"]["Path"] == "/judged/"
    iam.put_user_policy(UserName="user-0", PolicyName="p", PolicyDocument=json.dumps(POLICY))
    assert iam.list_user_policies(UserName="user-0")["PolicyNames"] == ["p"]
    assert iam.get_user_policy(UserName="user-0", PolicyName="p")["PolicyDocument"] == POLICY
    iam.attach_user_policy(UserName="user-0", PolicyArn=READ_ONLY)
    assert iam.list_attached_user_policies(UserName="user-0")["AttachedPolicies"][0]["PolicyArn"] == READ_ONLY
    iam.put_user_permissions_boundary(UserName="user-0", PermissionsBoundary=READ_ONLY)
    iam.delete_user_permissions_boundary(UserName="user-0")
    iam.tag_user(UserName="user-0", Tags=[{"Key": "quell-INC-1-access-key", "Value": "beside none"}])
    until(lambda: iam.get_user(UserName="user-0")["User"].get("Tags"))
    iam.untag_user(UserName="user-0", TagKeys=["quell-INC-1-access-key", "never there"])
    until(lambda: not iam.get_user(UserName="user-0")["User"].get("Tags"))
    key = iam.create_access_key(UserName="user-0")["AccessKey"]
    assert key["Status"] == "Active" and len(key["SecretAccessKey"]) == 40, key["AccessKeyId"]
    iam.update_access_key(UserName="user-0", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    statuses = lambda: [k["Status"] for k in iam.list_access_keys(UserName="user-0")["AccessKeyMetadata"]]
    until(lambda: statuses() == ["Inactive"])
    used = iam.get_access_key_last_used(AccessKeyId="AKIAQUELLJUDGEADA001")
    assert used["UserName"] == "ada" and used["AccessKeyLastUsed"]["LastUsedDate"].tzinfo, used
    refused("DeleteConflict", iam.delete_user, UserName="user-0")
    iam.delete_access_key(UserName="user-0", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="user-0", PolicyName="p")
    iam.detach_user_policy(UserName="user-0", PolicyArn=READ_ONLY)
    until(lambda: not statuses())
    iam.delete_user(UserName="user-0")
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="ada")["Groups"]] == ["staff"]
    assert len(iam.list_mfa_devices(UserName="ada")["MFADevices"]) == 2
    assert iam.get_login_profile(UserName="ada")["LoginProfile"]["UserName"] == "ada"
    special = iam.list_service_specific_credentials(UserName="ada")["ServiceSpecificCredentials"]
    assert special[0]["ServiceName"] == "bedrock.amazonaws.com", special


def credentials(judge):
    iam = judge.client("iam")
    ada = {"UserName": "ada"}
    keys = lambda: [key["Status"] for key in iam.list_ssh_public_keys(**ada)["SSHPublicKeys"]]
    assert keys() == ["Active"], keys()
    iam.update_ssh_public_key(SSHPublicKeyId="APKAQUELLJUDGEADA001", Status="Inactive", **ada)
    until(lambda: keys() == ["Inactive"])
    iam.delete_ssh_public_key(SSHPublicKeyId="APKAQUELLJUDGEADA001", **ada)
    [certificate] = iam.list_signing_certificates(**ada)["Certificates"]
    assert certificate["UploadDate"].tzinfo is not None, certificate
    iam.update_signing_certificate(CertificateId=certificate["CertificateId"], Status="Inactive", **ada)
    iam.delete_signing_certificate(CertificateId=certificate["CertificateId"], **ada)
    until(lambda: not iam.list_signing_certificates(**ada)["Certificates"])
    made = iam.create_service_specific_credential(ServiceName="bedrock.amazonaws.com", **ada)["ServiceSpecificCredential"]
    refused("LimitExceeded", iam.create_service_specific_credential, ServiceName="bedrock.amazonaws.com", **ada)
    id = made["ServiceSpecificCredentialId"]
    iam.update_service_specific_credential(ServiceSpecificCredentialId=id, Status="Inactive", **ada)
    all_users = lambda: iam.list_service_specific_credentials(AllUsers=True, ServiceName="bedrock.amazonaws.com")
    until(lambda: {one["Status"] for one in all_users()["ServiceSpecificCredentials"]} == {"Active", "Inactive"})
    iam.delete_service_specific_credential(ServiceSpecificCredentialId=id, **ada)
    virtual = f"arn:aws:iam::{ACCOUNT}:mfa/ada"
    refused("DeleteConflict", iam.delete_virtual_mfa_device, SerialNumber=virtual)
    iam.deactivate_mfa_device(SerialNumber=virtual, **ada)
    loose = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
    assert [device["SerialNumber"] for device in loose] == [virtual], loose
    iam.delete_virtual_mfa_device(SerialNumber=virtual)
    iam.delete_login_profile(**ada)
    until(lambda: len(iam.list_mfa_devices(**ada)["MFADevices"]) == 1)
    refused("NoSuchEntity", iam.delete_login_profile, **ada)


def groups_and_versions(judge):
    iam = judge.client("iam")
    members = lambda: [user["UserName"] for user in iam.get_group(GroupName="staff")["Users"]]
    assert members() == ["ada"], members()
    iam.remove_user_from_group(GroupName="staff", UserName="ada")
    until(lambda: not members())
    iam.add_user_to_group(GroupName="staff", UserName="ada")
    until(members)
    [policy] = [p for p in judge.paged(iam, "list_policies", "Policies", Scope="Local", PathPrefix="/judged/")]
    arn = policy["Arn"]
    assert (policy["PolicyName"], policy["DefaultVersionId"]) == ("versioned", "v2"), policy
    iam.attach_group_policy(GroupName="staff", PolicyArn=arn)
    held = until(lambda: iam.list_entities_for_policy(PolicyArn=arn)["PolicyGroups"])
    assert held[0]["GroupName"] == "staff", held
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(POLICY), SetAsDefault=True)["PolicyVersion"]
    assert made["VersionId"] == "v3", made
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    until(lambda: iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1")
    versions = judge.paged(iam, "list_policy_versions", "Versions", PolicyArn=arn)
    assert [version["VersionId"] for version in versions if version["IsDefaultVersion"]] == ["v1"], versions
    refused("DeleteConflict", iam.delete_policy_version, PolicyArn=arn, VersionId="v1")
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    for version in ("v2", "v3"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.detach_group_policy(GroupName="staff", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    refused("NoSuchEntity", iam.get_policy, PolicyArn=arn)
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="agents")
    until(lambda: not iam.list_instance_profiles_for_role(RoleName="agents")["InstanceProfiles"])


def policies_and_account(judge):
    iam = judge.client("iam")
    made = iam.create_policy(PolicyName="judged", PolicyDocument=json.dumps(POLICY))["Policy"]
    policy = until(lambda: iam.get_policy(PolicyArn=made["Arn"]))["Policy"]
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"] == POLICY and version["IsDefaultVersion"] is True, version
    assert "judged" in [p["PolicyName"] for p in judge.paged(iam, "list_policies", "Policies", Scope="Local")]
    summary = iam.get_account_summary()["SummaryMap"]
    assert summary["Users"] >= 1 and all(isinstance(count, int) for count in summary.values()), summary
    assert iam.list_account_aliases()["AccountAliases"] == ["judged"]
    iam.create_account_alias(AccountAlias="judged-again")
    until(lambda: iam.list_account_aliases()["AccountAliases"] == ["judged-again"])
    refused("ValidationError", iam.create_account_alias, AccountAlias="two--hyphens")
    results = iam.simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/agents", ActionNames=["bedrock:InvokeModel", "iam:CreateUser"],
        ContextEntries=[{"ContextKeyName": "aws:CurrentTime", "ContextKeyType": "date",
                         "ContextKeyValues": ["2026-11-22T00:00:00Z"]}])["EvaluationResults"]
    decisions = {result["EvalActionName"]: result["EvalDecision"] for result in results}
    assert decisions == {"bedrock:InvokeModel": "allowed", "iam:CreateUser": "implicitDeny"}, decisions
    account = judge.client("account")
    regions = judge.paged(account, "list_regions", "Regions")
    assert REGION in [region["RegionName"] for region in regions], regions
    contact = account.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]
    assert contact["Name"] == "Ü & Co", contact
    refused("ResourceNotFoundException", account.get_alternate_contact, AlternateContactType="BILLING")


def identity_providers(judge):
    iam = judge.client("iam")
    saml = iam.list_saml_providers()["SAMLProviderList"]
    assert [p["Arn"] for p in saml] == [f"arn:aws:iam::{ACCOUNT}:saml-provider/staff"] and saml[0]["CreateDate"].tzinfo, saml
    listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    told = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=listed[0]["Arn"])
    assert told["Url"] == "ci.example.com" and told["CreateDate"].tzinfo, told
    refused("NoSuchEntity", iam.get_open_id_connect_provider, OpenIDConnectProviderArn=f"arn:aws:iam::{ACCOUNT}:oidc-provider/nobody")


def last_accessed(judge):
    iam = judge.client("iam")
    arn = iam.get_user(UserName="ada")["User"]["Arn"]
    job = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    assert iam.get_service_last_accessed_details(JobId=job)["JobStatus"] == "IN_PROGRESS"
    until(lambda: iam.get_service_last_accessed_details(JobId=job)["JobStatus"] == "COMPLETED")
    told = iam.get_service_last_accessed_details(JobId=job)
    assert told["JobCompletionDate"].tzinfo and "bedrock" in [one["ServiceNamespace"] for one in told["ServicesLastAccessed"]], told
    refused("NoSuchEntity", iam.get_service_last_accessed_details, JobId="0" * 36)
    refused("NoSuchEntity", iam.generate_service_last_accessed_details, Arn=f"arn:aws:iam::{ACCOUNT}:user/nobody")


def credential_report(judge):
    iam = judge.client("iam")
    assert iam.generate_credential_report()["State"] == "STARTED"
    refused("ReportInProgress", iam.get_credential_report)
    until(lambda: iam.generate_credential_report()["State"] == "COMPLETE")
    report = iam.get_credential_report()
    rows = [line.split(",") for line in report["Content"].decode().splitlines()]
    assert report["ReportFormat"] == "text/csv" and report["GeneratedTime"].tzinfo, report
    assert rows[0][0] == "user" and rows[1][0] == "<root_account>" and "ada" in [row[0] for row in rows], rows
    assert len({len(row) for row in rows}) == 1, rows


def sessions(judge):
    import boto3
    sts = judge.client("sts")
    assert sts.get_caller_identity()["Account"] == ACCOUNT
    assert sts.get_access_key_info(AccessKeyId=CREDENTIALS["AWS_ACCESS_KEY_ID"])["Account"] == ACCOUNT
    for reply in (sts.get_session_token(DurationSeconds=900), sts.get_federation_token(Name="guest", DurationSeconds=900)):
        assert reply["Credentials"]["Expiration"].tzinfo is not None
    arn = f"arn:aws:iam::{ACCOUNT}:role/judged/role-1"
    given = until(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="judge"))
    assert given["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/role-1/judge", given["AssumedRoleUser"]
    temporary = given["Credentials"]
    session = boto3.Session(temporary["AccessKeyId"], temporary["SecretAccessKey"], temporary["SessionToken"], REGION)
    client = session.client("sts", endpoint_url=judge.endpoint)
    assert client.get_caller_identity()["Arn"] == given["AssumedRoleUser"]["Arn"]
    refused("AccessDenied", session.client("iam", endpoint_url=judge.endpoint).list_users)
    stranger = boto3.Session("AKIAQUELLNOBODY00001", "x", region_name=REGION).client("sts", endpoint_url=judge.endpoint)
    refused("InvalidClientTokenId", stranger.get_caller_identity)


def agents(judge):
    bedrock = judge.client("bedrock-agent")
    role = f"arn:aws:iam::{ACCOUNT}:role/agents"
    told = "Answer in one sentence, and never say more than that."
    made = bedrock.create_agent(agentName="judged", agentResourceRoleArn=role, instruction=told, idleSessionTTLInSeconds=600,
                                foundationModel="anthropic.claude-3-5-sonnet-20241022-v2:0", tags={"a": "a/b"})["agent"]
    id, arn = made["agentId"], made["agentArn"]
    at_rest = lambda: (agent := bedrock.get_agent(agentId=id)["agent"])["agentStatus"].endswith("PREPARED") and agent
    assert until(at_rest)["createdAt"].tzinfo is not None
    assert bedrock.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "a/b"}
    bedrock.tag_resource(resourceArn=arn, tags={"b": "2"})
    assert bedrock.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "a/b", "b": "2"}
    assert sorted(agent["agentName"] for agent in judge.paged(bedrock, "list_agents", "agentSummaries")) == \
        ["boss", "helper", "judged"]
    bedrock.update_agent(agentId=id, agentName="judged", agentResourceRoleArn=role, instruction=told + " Ü",
                         foundationModel="anthropic.claude-3-5-sonnet-20241022-v2:0")
    assert until(at_rest)["instruction"] == told + " Ü"
    group = bedrock.create_agent_action_group(
        agentId=id, agentVersion="DRAFT", actionGroupName="search", actionGroupExecutor={"customControl": "RETURN_CONTROL"},
        functionSchema={"functions": [{"name": "find", "parameters": {"what": {"type": "string", "required": True}}}]},
    )["agentActionGroup"]
    read = bedrock.get_agent_action_group(agentId=id, agentVersion="DRAFT", actionGroupId=group["actionGroupId"])
    assert read["agentActionGroup"]["actionGroupExecutor"] == {"customControl": "RETURN_CONTROL"}, read
    off = bedrock.update_agent_action_group(
        agentId=id, agentVersion="DRAFT", actionGroupId=group["actionGroupId"], actionGroupName="search",
        actionGroupExecutor={"customControl": "RETURN_CONTROL"}, actionGroupState="DISABLED")["agentActionGroup"]
    assert off["actionGroupState"] == "DISABLED" and "functionSchema" not in off, off
    assert bedrock.prepare_agent(agentId=id)["agentStatus"] == "PREPARING"
    until(at_rest)
    alias = bedrock.create_agent_alias(agentId=id, agentAliasName="live", description="d")["agentAlias"]
    alias_id = alias["agentAliasId"]
    get = lambda: bedrock.get_agent_alias(agentId=id, agentAliasId=alias_id)["agentAlias"]
    ready = until(lambda: (alias := get())["agentAliasStatus"] == "PREPARED" and alias)
    aliases = judge.paged(bedrock, "list_agent_aliases", "agentAliasSummaries", agentId=id)
    assert alias_id in [alias["agentAliasId"] for alias in aliases], aliases
    assert speak(judge, id, alias_id)
    bedrock.update_agent_alias(agentId=id, agentAliasId=alias_id, agentAliasName="live", description="d",
                               routingConfiguration=ready["routingConfiguration"],
                               aliasInvocationState="REJECT_INVOCATIONS")
    paused = until(lambda: (alias := get())["agentAliasStatus"] == "PREPARED" and alias)
    assert paused["aliasInvocationState"] == "REJECT_INVOCATIONS", paused
    assert paused["routingConfiguration"] == ready["routingConfiguration"], paused
    versions = judge.paged(bedrock, "list_agent_versions", "agentVersionSummaries", agentId=id)
    assert [version["agentVersion"] for version in versions if version["agentVersion"] != "DRAFT"] == ["1"], versions
    assert bedrock.get_agent_version(agentId=id, agentVersion="1")["agentVersion"]["version"] == "1"
    refused("ConflictException", bedrock.delete_agent_version, agentId=id, agentVersion="1")
    bedrock.delete_agent_alias(agentId=id, agentAliasId=alias_id)
    until(lambda: alias_id not in [a["agentAliasId"] for a in bedrock.list_agent_aliases(agentId=id)["agentAliasSummaries"]])
    bedrock.delete_agent_version(agentId=id, agentVersion="1", skipResourceInUseCheck=True)
    assert bedrock.delete_agent(agentId=id)["agentStatus"] == "DELETING"
    until(lambda: id not in [a["agentId"] for a in judge.paged(bedrock, "list_agents", "agentSummaries")])
    refused("ResourceNotFoundException", bedrock.get_agent, agentId=id)


def speak(judge, agent, alias):
    runtime = judge.client("bedrock-agent-runtime")
    reply = runtime.invoke_agent(agentId=agent, agentAliasId=alias, sessionId="judge-1", inputText="Ü?")
    assert reply["sessionId"] == "judge-1", reply
    return b"".join(event["chunk"]["bytes"] for event in reply["completion"])


def what_stands_around_agents(judge):
    bedrock = judge.client("bedrock-agent")
    ids = {agent["agentName"]: agent["agentId"] for agent in judge.paged(bedrock, "list_agents", "agentSummaries")}
    helper = {"agentId": ids["helper"], "agentVersion": "DRAFT"}
    groups = judge.paged(bedrock, "list_agent_action_groups", "actionGroupSummaries", **helper)
    assert sorted(group["actionGroupName"] for group in groups) == ["book", "search"], groups
    bases = judge.paged(bedrock, "list_agent_knowledge_bases", "agentKnowledgeBaseSummaries", **helper)
    assert [base["knowledgeBaseId"] for base in bases] == ["KBASE00001"], bases
    staff = judge.paged(bedrock, "list_agent_collaborators", "agentCollaboratorSummaries", agentId=ids["boss"],
                        agentVersion="DRAFT")
    assert ids["helper"] in staff[0]["agentDescriptor"]["aliasArn"], staff
    link = bedrock.update_agent_knowledge_base(knowledgeBaseId="KBASE00001", knowledgeBaseState="DISABLED", **helper)
    assert link["agentKnowledgeBase"]["knowledgeBaseState"] == "DISABLED", link
    [flow] = judge.paged(bedrock, "list_flows", "flowSummaries")
    definition = bedrock.get_flow(flowIdentifier=flow["id"])["definition"]
    assert ids["helper"] in json.dumps(definition), definition
    refused("ConflictException", bedrock.delete_agent, agentId=ids["helper"])


def flows_and_prompts(judge):
    bedrock = judge.client("bedrock-agent")
    text = {"name": "only", "templateType": "TEXT", "templateConfiguration": {"text": {"text": "Ü {{x}}"}}}
    prompt = bedrock.create_prompt(name="judged", defaultVariant="only", variants=[text])
    refused("ConflictException", bedrock.create_prompt, name="judged")
    assert bedrock.create_prompt_version(promptIdentifier=prompt["id"])["version"] == "1"
    bedrock.create_prompt_version(promptIdentifier=prompt["id"])
    versions = judge.paged(bedrock, "list_prompts", "promptSummaries", promptIdentifier=prompt["id"])
    assert [version["version"] for version in versions] == ["DRAFT", "1", "2"], versions
    read = bedrock.get_prompt(promptIdentifier=prompt["id"], promptVersion="1")
    assert read["variants"][0]["templateConfiguration"]["text"]["text"] == "Ü {{x}}" and read["createdAt"].tzinfo, read
    node = {"name": "Say", "type": "Prompt",
            "configuration": {"prompt": {"sourceConfiguration": {"resource": {"promptArn": prompt["arn"]}}}}}
    flow = bedrock.create_flow(name="judged", executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/agents",
                               definition={"nodes": [node], "connections": []})
    assert flow["status"] == "Prepared", flow
    for number in ("1", "2"):
        assert bedrock.create_flow_version(flowIdentifier=flow["id"])["version"] == number
    aliases = [bedrock.create_flow_alias(flowIdentifier=flow["id"], name=f"a{number}",
                                         routingConfiguration=[{"flowVersion": "1"}])["id"] for number in range(3)]
    listed = judge.paged(bedrock, "list_flow_aliases", "flowAliasSummaries", flowIdentifier=flow["id"])
    assert set(aliases) <= {alias["id"] for alias in listed}, listed
    led = {"name": "a0", "description": "ü", "routingConfiguration": [{"flowVersion": "2"}]}
    moved = bedrock.update_flow_alias(flowIdentifier=flow["id"], aliasIdentifier=aliases[0], **led)
    assert {member: moved[member] for member in led} == led and moved["updatedAt"] >= moved["createdAt"], moved
    nowhere = {"name": "a0", "routingConfiguration": [{"flowVersion": "9"}]}
    refused("ResourceNotFoundException", bedrock.update_flow_alias, flowIdentifier=flow["id"], aliasIdentifier=aliases[0], **nowhere)
    version = bedrock.get_flow_version(flowIdentifier=flow["id"], flowVersion="1")
    assert version["definition"]["nodes"] == [node], version
    refused("ConflictException", bedrock.delete_flow_version, flowIdentifier=flow["id"], flowVersion="1")
    refused("ConflictException", bedrock.delete_flow, flowIdentifier=flow["id"])
    for alias in aliases:
        bedrock.delete_flow_alias(flowIdentifier=flow["id"], aliasIdentifier=alias)
    numbers = [one["version"] for one in judge.paged(bedrock, "list_flow_versions", "flowVersionSummaries", flowIdentifier=flow["id"])]
    assert numbers == ["1", "2"], numbers
    for number in numbers:
        bedrock.delete_flow_version(flowIdentifier=flow["id"], flowVersion=number)
    assert bedrock.delete_flow(flowIdentifier=flow["id"])["id"] == flow["id"]
    refused("ResourceNotFoundException", bedrock.get_flow, flowIdentifier=flow["id"])
    assert bedrock.delete_prompt(promptIdentifier=prompt["id"])["id"] == prompt["id"]
    refused("ResourceNotFoundException", bedrock.get_prompt, promptIdentifier=prompt["id"])


def q_business(judge):
    q = judge.client("qbusiness")
    [found] = [one for one in judge.paged(q, "list_applications", "applications") if one["displayName"] == "helpdesk"]
    app = {"applicationId": found["applicationId"]}
    assert found["identityType"] == "AWS_IAM_IDC" and found["createdAt"].tzinfo, found
    assert q.get_application(**app)["applicationArn"].endswith(found["applicationId"])
    made = q.create_application(displayName="judged", identityType="ANONYMOUS", tags=[{"key": "ü", "value": "a/b"}])
    new = {"applicationId": made["applicationId"]}
    refused("ConflictException", q.delete_application, **new)
    until(lambda: q.get_application(**new)["status"] == "ACTIVE")
    tagged = {"resourceARN": made["applicationArn"]}
    q.tag_resource(tags=[{"key": "b", "value": ""}], **tagged)
    assert q.list_tags_for_resource(**tagged)["tags"] == [{"key": "b", "value": ""}, {"key": "ü", "value": "a/b"}]
    q.create_index(displayName="i", **new), q.create_plugin(displayName="p", type="CUSTOM", authConfiguration={"noAuthConfiguration": {}}, **new)
    q.create_web_experience(title="Ü", **new)
    index = judge.paged(q, "list_indices", "indices", **new)[0]["indexId"]
    until(lambda: q.get_index(indexId=index, **new)["status"] == "ACTIVE")
    native = {"nativeIndexConfiguration": {"indexId": index}}
    q.create_retriever(type="NATIVE_INDEX", displayName="r", configuration=native, **new)
    q.create_data_source(displayName="d", indexId=index, configuration={"type": "S3", "more": {"ü": [1, None]}}, **new)
    source = {"indexId": index, "dataSourceId": judge.paged(q, "list_data_sources", "dataSources", indexId=index, **new)[0]["dataSourceId"], **new}
    read = until(lambda: (d := q.get_data_source(**source))["status"] == "ACTIVE" and d)
    assert read["configuration"] == {"type": "S3", "more": {"ü": [1, None]}} and read["type"] == "S3", read
    job = q.start_data_source_sync_job(**source)["executionId"]
    refused("ConflictException", q.start_data_source_sync_job, **source)
    refused("ConflictException", q.delete_data_source, **source)
    q.stop_data_source_sync_job(**source)
    ended = until(lambda: (j := judge.paged(q, "list_data_source_sync_jobs", "history", **source)[0])["status"] == "ABORTED" and j)
    assert ended["executionId"] == job and ended["endTime"] >= ended["startTime"], ended
    within = {"indexId": index, **new}
    q.batch_put_document(documents=[{"id": f"d{n}", "content": {"blob": b"poison"}} for n in range(3)], **within)
    documents = lambda: [one["documentId"] for one in judge.paged(q, "list_documents", "documentDetailList", **within)]
    assert documents() == ["d0", "d1", "d2"], documents()
    answer = q.batch_delete_document(documents=[{"documentId": "d0"}, {"documentId": "never"}], **within)
    assert [(one["id"], one["error"]["errorCode"]) for one in answer["failedDocuments"]] == [("never", "ResourceNotFound")], answer
    until(lambda: documents() == ["d1", "d2"])
    topics = [{"name": f"t{n}", "rules": [{"ruleType": "CONTENT_BLOCKER_RULE"}]} for n in range(3)]
    q.update_chat_controls_configuration(responseScope="EXTENDED_KNOWLEDGE_ENABLED", topicConfigurationsToCreateOrUpdate=topics,
                                         blockedPhrasesConfigurationUpdate={"blockedPhrasesToCreateOrUpdate": ["ü"]}, **new)
    controls = list(q.get_paginator("get_chat_controls_configuration").paginate(**new))
    assert len(controls) == 2 and {page["responseScope"] for page in controls} == {"EXTENDED_KNOWLEDGE_ENABLED"}, controls
    assert controls[0]["blockedPhrases"] == {"blockedPhrases": ["ü"]}, controls
    assert [topic for page in controls for topic in page["topicConfigurations"]] == topics, controls
    refused("AccessDeniedException", q.list_conversations, **app)
    mine = [one for one in judge.paged(q, "list_conversations", "conversations", userId="ada@example.com", **app)]
    assert [one["title"] for one in mine] == ["Wann?", "Und jetzt, ü?"] and mine[0]["startTime"].tzinfo, mine
    said = judge.paged(q, "list_messages", "messages", conversationId=mine[1]["conversationId"], userId="ada@example.com", **app)
    assert [(one["type"], one["body"]) for one in said] == [("USER", "Und jetzt, ü?"), ("SYSTEM", "Um neun."), ("USER", "Gut.")], said
    refused("ResourceNotFoundException", q.list_messages, conversationId=mine[0]["conversationId"], userId="bob@example.com", **app)
    q.create_user(userId="ada@example.com", userAliases=[{"userId": "chief", "indexId": index}], **new)
    assert q.get_user(userId="ada@example.com", **new)["userAliases"] == [{"userId": "chief", "indexId": index}]
    q.delete_user(userId="ada@example.com", **new)
    until(lambda: gone_now(q.get_user, userId="ada@example.com", **new))
    for number in range(3):
        q.put_group(groupName=f"g{number}", type="INDEX", groupMembers={"memberUsers": [{"userId": "ada"}]}, **within)
    groups = lambda: [one["groupName"] for one in judge.paged(q, "list_groups", "items", updatedEarlierThan=4102444800, **within)]
    assert groups() == ["g0", "g1", "g2"] and q.get_group(groupName="g0", **within)["status"]["status"] == "SUCCEEDED"
    q.delete_group(groupName="g0", **within)
    until(lambda: groups() == ["g1", "g2"])
    accessor = q.create_data_accessor(principal="arn:aws:iam::444455556666:role/searcher", displayName="searcher",
                                      actionConfigurations=[{"action": "qbusiness:SearchRelevantContent"}], **new)["dataAccessorId"]
    until(lambda: q.get_data_accessor(dataAccessorId=accessor, **new)["displayName"] == "searcher")
    assert judge.paged(q, "list_data_accessors", "dataAccessors", **new)[0]["createdAt"].tzinfo
    until(lambda: deleted_once(q.delete_data_accessor, dataAccessorId=accessor, **new))
    until(lambda: gone_now(q.get_data_accessor, dataAccessorId=accessor, **new))
    plugin = judge.paged(q, "list_plugins", "plugins", **new)[0]["pluginId"]
    read = until(lambda: (p := q.get_plugin(pluginId=plugin, **new))["buildStatus"] == "READY" and p)
    assert read["state"] == "ENABLED" and read["authConfiguration"] == {"noAuthConfiguration": {}}, read
    q.update_plugin(pluginId=plugin, state="DISABLED", displayName="p", authConfiguration={"noAuthConfiguration": {}}, **new)
    read = until(lambda: (p := q.get_plugin(pluginId=plugin, **new))["buildStatus"] == "READY" and p)
    assert read["state"] == "DISABLED" and read["type"] == "CUSTOM", read
    q.update_data_source(displayName="d", configuration={"type": "S3"}, syncSchedule="rate(1 day)", **source)
    until(lambda: q.get_data_source(**source)["status"] == "ACTIVE")
    assert q.get_data_source(**source)["syncSchedule"] == "rate(1 day)"
    web = judge.paged(q, "list_web_experiences", "webExperiences", **new)[0]["webExperienceId"]
    until(lambda: q.get_web_experience(webExperienceId=web, **new)["status"] == "ACTIVE")
    retriever = judge.paged(q, "list_retrievers", "retrievers", **new)[0]["retrieverId"]
    until(lambda: q.get_retriever(retrieverId=retriever, **new)["status"] == "ACTIVE")
    refused("ConflictException", q.delete_application, **new)
    refused("ConflictException", q.delete_index, indexId=index, **new)
    gone = lambda call, **ids: until(lambda: gone_now(call, **ids, **new))
    q.delete_plugin(pluginId=plugin, **new), q.delete_web_experience(webExperienceId=web, **new), q.delete_data_source(**source)
    q.delete_retriever(retrieverId=retriever, **new)
    gone(q.get_plugin, pluginId=plugin), gone(q.get_web_experience, webExperienceId=web), gone(q.get_retriever, retrieverId=retriever)
    gone(q.get_data_source, indexId=index, dataSourceId=source["dataSourceId"])
    q.delete_index(indexId=index, **new)
    gone(q.get_index, indexId=index)
    q.delete_application(**new)
    gone(q.get_application)


def deleted_once(call, **arguments):
    """Whether a deletion is taken, and not refused because the thing is still being made."""
    from botocore.exceptions import ClientError
    try:
        call(**arguments)
        return True
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ConflictException", error.response
        return False


def gone_now(call, **arguments):
    """Whether a look is refused because there is nothing."""
    from botocore.exceptions import ClientError
    try:
        call(**arguments)
        return False
    except ClientError as error:
        return error.response["Error"]["Code"] == "ResourceNotFoundException"


def invocation_logging(judge):
    bedrock = judge.client("bedrock")
    get = lambda: bedrock.get_model_invocation_logging_configuration().get("loggingConfig")
    assert get() == {"s3Config": {"bucketName": "invocation-logs", "keyPrefix": "ü"}, "textDataDeliveryEnabled": True}, get()
    logs = {"logGroupName": "/bedrock", "roleArn": f"arn:aws:iam::{ACCOUNT}:role/agents"}
    nobody = {**logs, "roleArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}
    refused("ValidationException", bedrock.put_model_invocation_logging_configuration, loggingConfig={"cloudWatchConfig": nobody})
    bedrock.put_model_invocation_logging_configuration(loggingConfig={"cloudWatchConfig": logs, "imageDataDeliveryEnabled": False})
    assert get() == {"cloudWatchConfig": logs, "imageDataDeliveryEnabled": False}, get()
    bedrock.delete_model_invocation_logging_configuration(), bedrock.delete_model_invocation_logging_configuration()
    assert get() is None


def guardrails(judge):
    bedrock = judge.client("bedrock")
    listed = judge.paged(bedrock, "list_guardrails", "guardrails")
    assert sorted(one["name"] for one in listed) == ["g1", "g2", "g3"] and listed[0]["version"] == "DRAFT", listed
    messages = {"blockedInputMessaging": "Nein, ü.", "blockedOutputsMessaging": "No."}
    hate = {"filtersConfig": [{"type": "HATE", "inputStrength": "HIGH", "outputStrength": "HIGH"}]}
    made = bedrock.create_guardrail(name="judged", contentPolicyConfig=hate, **messages)
    one = {"guardrailIdentifier": made["guardrailId"]}
    refused("ConflictException", bedrock.update_guardrail, name="judged", **messages, **one)
    ready = lambda: until(lambda: (g := bedrock.get_guardrail(**one))["status"] == "READY" and g)
    read = ready()
    assert read["contentPolicy"]["filters"] == hate["filtersConfig"] and read["blockedInputMessaging"] == "Nein, ü.", read
    assert bedrock.create_guardrail_version(description="first", **one)["version"] == "1"
    ready()
    bedrock.update_guardrail(name="judged", **messages, **one)
    read = ready()
    assert "contentPolicy" not in read and read["guardrailArn"] == made["guardrailArn"], read
    first = bedrock.get_guardrail(guardrailVersion="1", **one)
    assert first["contentPolicy"]["filters"] == hate["filtersConfig"] and first["description"] == "first", first
    versions = [v["version"] for v in judge.paged(bedrock, "list_guardrails", "guardrails", **one)]
    assert versions == ["DRAFT", "1"], versions
    refused("ResourceNotFoundException", bedrock.get_guardrail, guardrailVersion="2", **one)
    refused("ResourceNotFoundException", bedrock.get_guardrail, guardrailIdentifier="nobody1")
    tagged = {"resourceARN": made["guardrailArn"]}
    assert bedrock.list_tags_for_resource(**tagged)["tags"] == []
    bedrock.tag_resource(tags=[{"key": "a", "value": "1"}], **tagged)
    assert bedrock.list_tags_for_resource(**tagged)["tags"] == [{"key": "a", "value": "1"}]
    refused("ResourceNotFoundException", bedrock.list_tags_for_resource, resourceARN=made["guardrailArn"] + "0")


def models(judge):
    bedrock = judge.client("bedrock")
    jobs = {job["jobName"]: job for job in judge.paged(bedrock, "list_model_customization_jobs", "modelCustomizationJobSummaries")}
    assert jobs["tuned"]["status"] == "Completed" and jobs["tune"]["creationTime"].tzinfo, jobs
    refused("ConflictException", bedrock.stop_model_customization_job, jobIdentifier=jobs["tuned"]["jobArn"])
    tune = {"jobIdentifier": jobs["tune"]["jobArn"]}
    bedrock.stop_model_customization_job(**tune)
    until(lambda: bedrock.get_model_customization_job(**tune)["status"] == "Stopped")
    [imported] = judge.paged(bedrock, "list_model_import_jobs", "modelImportJobSummaries")
    assert imported["status"] == "InProgress", imported
    bucket = lambda way: {f"s3{way}DataConfig": {"s3Uri": f"s3://judged/{way.lower()}/"}}
    batch = {"jobIdentifier": bedrock.create_model_invocation_job(
        jobName="batch", roleArn=f"arn:aws:iam::{ACCOUNT}:role/agents", modelId="amazon.titan-text-lite-v1",
        inputDataConfig=bucket("Input"), outputDataConfig=bucket("Output"))["jobArn"]}
    until(lambda: bedrock.get_model_invocation_job(**batch)["status"] == "InProgress")
    bedrock.stop_model_invocation_job(**batch)
    until(lambda: bedrock.get_model_invocation_job(**batch)["status"] == "Stopped")
    refused("ConflictException", bedrock.stop_model_invocation_job, **batch)
    [listed] = judge.paged(bedrock, "list_model_invocation_jobs", "invocationJobSummaries")
    assert listed["jobArn"] == batch["jobIdentifier"] and listed["submitTime"].tzinfo, listed
    bought = bedrock.create_provisioned_model_throughput(
        modelUnits=2, provisionedModelName="hourly", modelId="amazon.titan-text-lite-v1:0:4k")["provisionedModelArn"]
    hourly = {"provisionedModelId": bought}
    until(lambda: bedrock.get_provisioned_model_throughput(**hourly)["status"] == "InService")
    terms = {t["provisionedModelName"]: t.get("commitmentDuration") for t in
             judge.paged(bedrock, "list_provisioned_model_throughputs", "provisionedModelSummaries")}
    assert terms == {"committed": "OneMonth", "hourly": None}, terms
    refused("ConflictException", bedrock.delete_provisioned_model_throughput, provisionedModelId="committed")
    bedrock.delete_provisioned_model_throughput(**hourly)
    assert gone_now(bedrock.get_provisioned_model_throughput, **hourly)
    runtime = judge.client("bedrock-runtime")
    ask = lambda model: runtime.converse(modelId=model, messages=[{"role": "user", "content": [{"text": "Grüße"}]}])
    answer = ask("amazon.nova-lite-v1:0")
    assert answer["output"]["message"]["content"][0]["text"] and answer["usage"]["totalTokens"] == 7, answer
    refused("ResourceNotFoundException", ask, model=bought)
    [deployed] = judge.paged(bedrock, "list_custom_model_deployments", "modelDeploymentSummaries")
    one = {"customModelDeploymentIdentifier": deployed["customModelDeploymentArn"]}
    assert bedrock.get_custom_model_deployment(**one)["modelDeploymentName"] == "deployed"
    bedrock.delete_custom_model_deployment(**one)
    until(lambda: gone_now(bedrock.get_custom_model_deployment, **one))


def knowledge_bases(judge):
    bedrock = judge.client("bedrock-agent")
    model = f"arn:aws:bedrock:{REGION}::foundation-model/amazon.titan-embed-text-v2:0"
    made = bedrock.create_knowledge_base(
        name="judged", roleArn=f"arn:aws:iam::{ACCOUNT}:role/agents",
        knowledgeBaseConfiguration={"type": "VECTOR", "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": model}},
    )["knowledgeBase"]
    base = {"knowledgeBaseId": made["knowledgeBaseId"]}
    get = lambda: bedrock.get_knowledge_base(**base)["knowledgeBase"]
    assert until(lambda: (it := get())["status"] == "ACTIVE" and it)["createdAt"].tzinfo is not None
    listed = judge.paged(bedrock, "list_knowledge_bases", "knowledgeBaseSummaries")
    assert sorted(one["name"] for one in listed) == ["handbook", "judged"], listed
    chunking = {"chunkingConfiguration": {"chunkingStrategy": "NONE"}}
    configuration = {"type": "S3", "s3Configuration": {"bucketArn": "arn:aws:s3:::judged"}}
    sources = [bedrock.create_data_source(name=f"s{number}", dataSourceConfiguration=configuration,
                                          vectorIngestionConfiguration=chunking, **base)["dataSource"] for number in range(3)]
    assert [one["name"] for one in judge.paged(bedrock, "list_data_sources", "dataSourceSummaries", **base)]
    source = {**base, "dataSourceId": sources[0]["dataSourceId"]}
    refused("ValidationException", bedrock.update_data_source, name="s0", dataSourceConfiguration=configuration, **source)
    bedrock.update_data_source(name="s0", description="Ü", dataSourceConfiguration=configuration, dataDeletionPolicy="RETAIN",
                               vectorIngestionConfiguration=chunking, **source)
    read = bedrock.get_data_source(**source)["dataSource"]
    assert read["description"] == "Ü" and read["dataDeletionPolicy"] == "RETAIN", read
    job = bedrock.start_ingestion_job(**source)["ingestionJob"]
    refused("ConflictException", bedrock.start_ingestion_job, **source)
    refused("ConflictException", bedrock.delete_data_source, **source)
    job = {**source, "ingestionJobId": job["ingestionJobId"]}
    assert bedrock.stop_ingestion_job(**job)["ingestionJob"]["status"] == "STOPPING"
    until(lambda: bedrock.get_ingestion_job(**job)["ingestionJob"]["status"] == "STOPPED")
    stopped = {"attribute": "STATUS", "operator": "EQ", "values": ["STOPPED"]}
    assert judge.paged(bedrock, "list_ingestion_jobs", "ingestionJobSummaries", filters=[stopped], **source)
    direct = {**base, "dataSourceId": bedrock.create_data_source(
        name="direct", dataSourceConfiguration={"type": "CUSTOM"}, **base)["dataSource"]["dataSourceId"]}
    text = {"sourceType": "IN_LINE", "inlineContent": {"type": "TEXT", "textContent": {"data": "poison"}}}
    documents = [{"content": {"dataSourceType": "CUSTOM", "custom": {"customDocumentIdentifier": {"id": f"d{n}"}, **text}}}
                 for n in range(3)]
    bedrock.ingest_knowledge_base_documents(documents=documents, **direct)
    assert len(judge.paged(bedrock, "list_knowledge_base_documents", "documentDetails", **direct)) == 3
    named = [{"dataSourceType": "CUSTOM", "custom": {"id": "d1"}}]
    gone = bedrock.delete_knowledge_base_documents(documentIdentifiers=named, **direct)["documentDetails"]
    assert gone[0]["status"] == "DELETING", gone
    status = lambda: bedrock.get_knowledge_base_documents(documentIdentifiers=named, **direct)["documentDetails"][0]["status"]
    until(lambda: status() == "NOT_FOUND")
    assert bedrock.delete_data_source(**source)["status"] == "DELETING"
    until(lambda: source["dataSourceId"] not in
          [one["dataSourceId"] for one in judge.paged(bedrock, "list_data_sources", "dataSourceSummaries", **base)])
    assert bedrock.delete_knowledge_base(**base)["status"] == "DELETING"
    until(lambda: len(judge.paged(bedrock, "list_knowledge_bases", "knowledgeBaseSummaries")) == 1)
    refused("ResourceNotFoundException", bedrock.get_knowledge_base, **base)
    agents = {agent["agentName"]: agent["agentId"] for agent in judge.paged(bedrock, "list_agents", "agentSummaries")}
    bedrock.disassociate_agent_knowledge_base(agentId=agents["helper"], agentVersion="DRAFT", knowledgeBaseId="KBASE00001")


def secrets(judge):
    secrets = judge.client("secretsmanager")
    name = "ci/deploy"
    refused("ResourceNotFoundException", secrets.describe_secret, SecretId=name)
    made = secrets.create_secret(Name=name, Tags=[{"Key": "quell-incident", "Value": "INC-1"}])
    assert made["ARN"].startswith(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-"), made
    assert not secrets.describe_secret(SecretId=name).get("VersionIdsToStages")
    refused("ResourceExistsException", secrets.create_secret, Name=name)
    versions = [str(number) * 64 for number in (1, 2)]
    for version in versions:
        put = secrets.put_secret_value(SecretId=name, ClientRequestToken=version, SecretString=f"of {version[0]}")
        assert put["VersionId"] == version and put["VersionStages"] == ["AWSCURRENT"], put
    secrets.put_secret_value(SecretId=made["ARN"], ClientRequestToken=versions[1], SecretString="of 2")
    refused("ResourceExistsException", secrets.put_secret_value, SecretId=name, ClientRequestToken=versions[1], SecretString="of 3")
    told = secrets.describe_secret(SecretId=made["ARN"])
    assert told["VersionIdsToStages"] == {versions[0]: ["AWSPREVIOUS"], versions[1]: ["AWSCURRENT"]}, told
    assert told["Tags"] == [{"Key": "quell-incident", "Value": "INC-1"}] and told["CreatedDate"].tzinfo, told
    moved = {"SecretId": name, "VersionStage": "AWSCURRENT", "MoveToVersionId": versions[0]}
    refused("InvalidParameterException", secrets.update_secret_version_stage, RemoveFromVersionId=versions[0], **moved)
    secrets.update_secret_version_stage(RemoveFromVersionId=versions[1], **moved)
    assert secrets.describe_secret(SecretId=name)["VersionIdsToStages"][versions[0]] == ["AWSCURRENT"]
    assert secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)["DeletionDate"].tzinfo
    assert secrets.describe_secret(SecretId=name)["DeletedDate"].tzinfo
    refused("InvalidRequestException", secrets.create_secret, Name=name)


def support_cases(judge):
    support = judge.client("support")
    services = support.describe_services(language="en")["services"]
    service = next(s for s in services if "account" in s["name"].lower())
    category = service["categories"][0]["code"]
    severity = support.describe_severity_levels(language="en")["severityLevels"][0]["code"]
    asked = {"issueType": "customer-service", "serviceCode": service["code"], "categoryCode": category}
    assert "en" in [l["code"] for l in support.describe_supported_languages(**asked)["supportedLanguages"]]
    assert support.describe_create_case_options(language="en", **asked)["communicationTypes"]
    attached = support.add_attachments_to_set(attachments=[{"fileName": "a.txt", "data": b"\x00\xffhello"}])
    asked |= {"severityCode": severity, "language": "en"}
    cases = [support.create_case(subject="case 0", communicationBody="Ü 監視", attachmentSetId=attached["attachmentSetId"],
                                 **asked)["caseId"]]
    cases += [support.create_case(subject=f"case {number}", communicationBody="b", **asked)["caseId"] for number in (1, 2)]
    listed = judge.paged(support, "describe_cases", "cases", includeResolvedCases=False)
    assert sorted(case["caseId"] for case in listed) == sorted(cases), listed
    for number in range(2):
        assert support.add_communication_to_case(caseId=cases[0], communicationBody=f"more {number}")["result"] is True
    said = judge.paged(support, "describe_communications", "communications", caseId=cases[0])
    assert sorted(each["body"] for each in said) == ["more 0", "more 1", "Ü 監視"], said
    assert support.resolve_case(caseId=cases[0])["finalCaseStatus"] == "resolved"
    refused("CaseIdNotFound", support.resolve_case, caseId="case-111122223333-muen-2026-0000000000000000")


def trail(judge):
    cloudtrail = judge.client("cloudtrail")
    [event, *_] = cloudtrail.lookup_events(MaxResults=2)["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert event["EventTime"].tzinfo is not None and record["eventName"] == event["EventName"], event
    assert record["eventVersion"] == "1.11" and record["eventID"] == event["EventId"], record
    by = {"AttributeKey": "EventName", "AttributeValue": event["EventName"]}
    assert all(one["EventName"] == event["EventName"] for one in judge.paged(cloudtrail, "lookup_events", "Events", LookupAttributes=[by]))
    refused("InvalidLookupAttributesException", cloudtrail.lookup_events, LookupAttributes=[by, by])
    [kept] = cloudtrail.describe_trails()["trailList"]
    assert kept["Name"] == "kept" and kept["HomeRegion"] == REGION and kept["IsMultiRegionTrail"], kept
    one = {"Name": kept["TrailARN"]}
    assert cloudtrail.get_trail_status(**one)["IsLogging"] and cloudtrail.get_trail_status(**one)["LatestDeliveryTime"].tzinfo
    selectors = cloudtrail.get_event_selectors(TrailName="kept")["EventSelectors"]
    assert selectors[0]["ReadWriteType"] == "All" and selectors[0]["IncludeManagementEvents"] is True, selectors
    cloudtrail.stop_logging(**one)
    stopped = cloudtrail.get_trail_status(**one)
    assert stopped["IsLogging"] is False and stopped["StopLoggingTime"].tzinfo, stopped
    cloudtrail.start_logging(**one)
    assert cloudtrail.get_trail_status(**one)["IsLogging"] is True
    refused("TrailNotFoundException", cloudtrail.get_trail_status, Name="nobody")


def queues(judge):
    sqs = judge.client("sqs")
    refused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="nobody")
    url = sqs.create_queue(QueueName="made", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    assert sqs.get_queue_url(QueueName="made")["QueueUrl"] == url and url.endswith(f"/{ACCOUNT}/made"), url
    refused("QueueAlreadyExists", sqs.create_queue, QueueName="made", Attributes={"VisibilityTimeout": "61"})
    queue = {"QueueUrl": url}
    body = json.dumps({"detail": "Ü 監視"}, ensure_ascii=False)
    said = {"kind": {"DataType": "String", "StringValue": "event"}}
    sent = sqs.send_message(MessageBody=body, MessageAttributes=said, **queue)
    assert sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest(), sent
    told = sqs.send_message_batch(Entries=[{"Id": "a", "MessageBody": "a"}, {"Id": "b", "MessageBody": ""}], **queue)
    assert [one["Id"] for one in told["Successful"]] == ["a"] and [one["Id"] for one in told["Failed"]] == ["b"], told
    asked = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"], **queue}
    first, second = sqs.receive_message(**asked)["Messages"]
    assert first["Body"] == body and first["MessageAttributes"]["kind"]["StringValue"] == "event", first
    assert first["MD5OfBody"] == sent["MD5OfMessageBody"], first
    assert first["Attributes"]["ApproximateReceiveCount"] == "1" and first["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"], first
    assert "Messages" not in sqs.receive_message(**asked)
    hidden = sqs.get_queue_attributes(AttributeNames=["All"], **queue)["Attributes"]
    assert hidden["ApproximateNumberOfMessagesNotVisible"] == "2" and hidden["QueueArn"] == f"arn:aws:sqs:{REGION}:{ACCOUNT}:made", hidden
    sqs.change_message_visibility(ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0, **queue)
    [again] = sqs.receive_message(WaitTimeSeconds=1, **asked)["Messages"]
    assert again["MessageId"] == first["MessageId"] and again["ReceiptHandle"] != first["ReceiptHandle"], again
    handles = {"first": again["ReceiptHandle"], "second": second["ReceiptHandle"]}
    done = sqs.delete_message_batch(Entries=[{"Id": name, "ReceiptHandle": handle} for name, handle in handles.items()], **queue)
    assert len(done["Successful"]) == 2 and not done.get("Failed"), done
    sqs.delete_message(ReceiptHandle=first["ReceiptHandle"], **queue)
    refused("ReceiptHandleIsInvalid", sqs.delete_message, ReceiptHandle="nonsense", **queue)
    sqs.purge_queue(**queue)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(sqs.receive_message, WaitTimeSeconds=20, **asked)
        time.sleep(0.5)
        began = time.monotonic()
        sqs.send_message(MessageBody="late", **queue)
        assert waiting.result()["Messages"][0]["Body"] == "late"
        assert time.monotonic() - began < 10, "who waits is told at once"


def findings(judge):
    guardduty = judge.client("guardduty")
    [detector] = judge.paged(guardduty, "list_detectors", "DetectorIds")
    [found] = guardduty.get_findings(DetectorId=detector, FindingIds=["f1", "f2"])["Findings"]
    assert found["Resource"]["AccessKeyDetails"]["UserName"] == "ada" and found["Severity"] == 2.0, found
    assert found["Service"]["Archived"] is False, found
    elsewhere = judge.client("guardduty", region_name="eu-west-1")
    assert elsewhere.list_detectors()["DetectorIds"] == []
    refused("BadRequestException", elsewhere.get_findings, DetectorId=detector, FindingIds=["f1"])


def many_at_once(judge):
    def look(number):
        iam = judge.client("iam")
        return iam.get_role(RoleName=f"role-{1 + number % 2}")["Role"]["RoleName"]
    with ThreadPoolExecutor(8) as callers:
        assert list(callers.map(look, range(40))) == ["role-1", "role-2"] * 20


def aws(judge, home, *words, fails=None):
    """Runs the AWS CLI and reads its JSON."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
                   "AWS_ENDPOINT_URL": judge.endpoint, "AWS_EC2_METADATA_DISABLED": "true", **CREDENTIALS}
    tool = pathlib.Path(sys.prefix) / "bin/aws"
    done = subprocess.run([str(tool), "--output", "json", *words], env=environment, capture_output=True, text=True)
    if fails:
        assert done.returncode != 0 and fails in done.stderr, (words, done)
        return None
    assert done.returncode == 0, (words, done.stderr)
    return json.loads(done.stdout or "null")


def command_line(judge):
    with tempfile.TemporaryDirectory() as home:
        assert aws(judge, home, "sts", "get-caller-identity")["Account"] == ACCOUNT
        aws(judge, home, "iam", "create-role", "--role-name", "by-hand", "--assume-role-policy-document", json.dumps(TRUST))
        names = [role["RoleName"] for role in aws(judge, home, "iam", "list-roles")["Roles"]]
        assert "by-hand" in names and "agents" in names, names
        aws(judge, home, "iam", "delete-role", "--role-name", "by-hand")
        aws(judge, home, "iam", "get-role", "--role-name", "by-hand", fails="NoSuchEntity")
        agents = aws(judge, home, "bedrock-agent", "list-agents")["agentSummaries"]
        assert {"helper", "boss"} <= {agent["agentName"] for agent in agents}, agents
        assert aws(judge, home, "support", "describe-cases")["cases"]
        assert aws(judge, home, "account", "list-regions")["Regions"]


FLOWS = [roles, users, credentials, groups_and_versions, policies_and_account, identity_providers, credential_report, last_accessed, sessions, agents, what_stands_around_agents, flows_and_prompts, invocation_logging, guardrails, models, knowledge_bases, q_business, secrets, support_cases,
         trail, queues, findings, many_at_once, command_line]


def wanted():
    table = json.loads((ROOT / "src/range/wire/table.json").read_text())
    return {(service["name"], operation["name"]) for service in table["services"] for operation in service["operations"]}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    restart_inside(clients())
    server, endpoint = serve(sys.argv[1])
    failed = False
    try:
        judge = Judge(endpoint)
        for flow in FLOWS:
            try:
                flow(judge)
                print(f"ok      {flow.__name__}")
            except Exception as error:  # one flow's failure must not hide the others'
                failed = True
                at = error.__traceback__
                while at.tb_next and at.tb_next.tb_frame.f_code.co_filename == __file__:
                    at = at.tb_next
                print(f"FAILED  {flow.__name__}, line {at.tb_lineno}: {type(error).__name__}: {error}")
        for service, operation in sorted(wanted() - judge.succeeded):
            failed = True
            print(f"FAILED  {service} {operation} never succeeded")
    finally:
        server.terminate()
        server.wait()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
