//! What `quell help VERB` says beyond the flags.

/// What follows a run.
pub(super) const PLAN_HELP: &str = "\
A run that has ended may leave something: a call that AWS refused, or what is new since the \
plan. `quell plan --from RUN --save FILE` plans the phase of the run again, for its incident, \
with the values of its plan. The file says which run and plan it follows.

Signatures over the plan of the run count for the one that follows where that does nothing \
more: the same calls or fewer of those that are still to come, each on the same thing by its \
immutable id, within a day. Otherwise `quell status FILE` says what is more, and new \
signatures are needed. One plan alone follows a run with its signatures, and none follows a \
run that was taken back.";

/// What a pattern holds.
pub(super) const MATCH_HELP: &str = "\
An event says where to look, and nothing of it is the truth: a plan reads the account. Read are events of EventBridge, findings of \
GuardDuty and Security Hub and records of CloudTrail, bare or in messages of SNS and SQS, log files and lists, compressed or not.

A trigger names a runbook, a pattern of events, and where the values of the runbook's parameters stand. `quell triggers` lists those \
that are part of the program. Your own stand in files `triggers/*.yaml` in the folder of --config-dir; `quell check FILE` checks one, \
and `quell schema trigger` is for editors:

  quell: 1
  triggers:
    - name: agent-in-production
      title: Somebody made an agent in production
      grade: suspicious            # notice, suspicious or incident
      runbook: rogue-bedrock-agent
      pattern: { source: [aws.bedrock], detail: { eventName: [CreateAgent] } }
      parameters:
        principal: { from: role }  # `quell match --output json` shows what an event says
        since: { from: time, earlier: 1h }
        delete_unknown: { is: false }

Patterns are those of Amazon EventBridge, decided as AWS decides them, and refused where AWS refuses them. A list holds \
alternatives; members hold all at once, and of objects in one list all hold of the same one; `$or` takes two objects or more.

  {\"source\": [\"aws.guardduty\"], \"detail\": {\"severity\": [{\"numeric\": [\">=\", 7]}]}}

Operators: `prefix` and `suffix`, `equals-ignore-case` (within those two as well), `wildcard`, `numeric`, `cidr`, `exists`, \
`anything-but`, which asks that some value is another one. Numbers are compared by their value, with all their digits.";

/// The file that says as whom runs act.
pub(super) const APPLY_HELP: &str = "\
A run acts with your own permissions, or as a role that it assumes for itself. The roles stand \
in `responders.yaml` in the folder of --config-dir, one for an account:

  - role: arn:aws:iam::111122223333:role/quell-responder
    external_id: 4f1c9a   # where the role's trust policy asks for one
    policies:             # where what a plan may do does not fit into a session policy
      - arn:aws:iam::111122223333:policy/quell-rogue-bedrock-agent

The session may change what the plan may, on the things that the plan names, and nothing else: \
its policy is made from the plan, and `quell permissions PLAN` prints what it allows. A session \
takes 2,048 characters. Where that is too few, reads are allowed on everything; where it still \
is, the `policies` bound the session instead, such as those that `quell permissions RUNBOOK` \
prints. Whatever bounds it, no session may do what its role may not. What AWS asks for besides \
the calls themselves, such as keys of AWS KMS or iam:PassRole, is not in the plan's own policy: \
what is encrypted with a key of yours is out of reach for such a run.

The role's trust policy has to allow you sts:AssumeRole and sts:SetSourceIdentity, and so have \
your own policies: CloudTrail then tells the run's id with each of its calls, as the source \
identity, so your own sign-in must not have one already. The session lasts an hour and is renewed until the run ends. When your own sign-in \
ends before that, a run at a terminal says how to renew it, waits, and goes on.";

/// The file that says who can open evidence.
pub(super) const RUN_HELP: &str = "\
A run keeps what a target was before it changes it. What of that can hold prompts, instructions \
or what people said is sealed where `evidence.yaml`, in the folder of --config-dir, names age \
recipients (https://age-encryption.org):

  recipients: [age1...]

Make a pair with `age-keygen`, and keep the identity where quell is not. The journal names the \
digest of each sealed file, so that `quell audit verify` proves it without opening it. `quell \
show RUN` names the command that opens one. What resuming, verifying and undoing need is none \
of that and stays open, so that they take no identity. Who can open the evidence of a run is \
decided when it begins. Without a recipient all of it stays readable for you alone, and every \
plan says so. Of requests the plan and the journal show what people approve, the texts of \
guardrails and chat controls included.";

/// The files that say who may approve.
pub(super) const APPROVE_HELP: &str = "\
The plan and its signatures are files: send them by any way, sign where you are, put every \
signature beside the plan as PLAN.*.sig. `ssh-keygen -Y sign -n quell-plan -f KEY PLAN` makes \
one as well. `quell status PLAN` says who has signed and who may.

Who may sign stands in the folder of --config-dir. `allowed_signers`, as OpenSSH reads it, has \
a line for each key:

  kai@example.com namespaces=\"quell-plan,quell-checkpoint\" ssh-ed25519 AAAA...

`approvals.yaml` says how many of whom each approval takes. The guardrails name the approvals \
(`quell help guardrails`):

  groups:
    leads: [kai@example.com, lee@example.com, ana@example.com]
  rules:
    many: { of: leads, at_least: 2 }
  people:   # sessions and users in AWS whose names are not those of allowed_signers
    kai-on-call: kai@example.com
    pipeline: nobody   # no person stands behind it

Neither the one who made the plan counts nor the one who applies it, and nobody counts twice, \
with however many keys. Who they are is told by the name of the session or user in AWS: where \
nobody is known by it, no signature counts. Let the trust policy of the role that people sign \
in with bind the name of a session to the person (sts:RoleSessionName), so that nobody goes by another's.";

/// The files that say what asks for an approval.
pub(super) const GUARDRAILS_HELP: &str = "\
Those that are part of the program stand in policies/guardrails of quell's repository. What \
they ask about is yours, in `guardrails.yaml` in the folder of --config-dir; everything may be \
left out:

  accounts: [\"111122223333\"]             # where alone quell may act
  protected_accounts: [\"111122223333\"]   # where nothing happens unattended
  protected_principals:                    # needs the approval `protected`
    - arn:aws:iam::111122223333:role/payments
  break_glass:                             # no plan touches them
    - arn:aws:iam::111122223333:user/break-glass
  caps: { principals: 25, irreversible: 50 }   # more needs the approval `many`
  freezes:                                 # needs the approval `freeze`
    - { from: 2026-12-24T00:00:00Z, until: 2026-12-27T00:00:00Z, why: holidays }

Roles, users, groups and managed policies can be protected or kept.

Guardrails of your own are Cedar policies, in files `guardrails/*.cedar` beside it; `quell \
check FILE.cedar` checks one. They can speak of what policies/guardrails/quell.cedarschema \
names, tags included: `!resource.tags_known || resource.hasTag(\"env\") && resource.getTag(\"env\") \
== \"prod\"`, and `context.undo`, since an undo knows no tags. `@id` names one, `@reason` says why it forbids, `@approval` which approval lifts it.";

/// What a template holds.
pub(super) const EXPORT_HELP: &str = "\
Events of IAM come in us-east-1 alone, so make one template for us-east-1 and one for each other Region that you use. Rules get what a \
trail logs: management events of a trail that is on, and data events only where a trail asks for them. What a rule needs stands in its \
metadata, as `data_events_of`. The template is YAML, or JSON with --output json, and the same each time:

  quell triggers export --region us-east-1 > detections.yaml
  aws cloudformation deploy --template-file detections.yaml --stack-name quell-detections";

/// What the autopilot does, and what it is told.
pub(super) const AUTOPILOT_HELP: &str = "\
Events come from a queue, an address, files, folders and stdin; `quell match` shows what is read of one, and which triggers it fires. An event says where \
to look: what a trigger lets happen `when_harmless` happens after AWS itself has confirmed the event (GuardDuty its finding, CloudTrail its \
record), and only as far as it can be put back, stops no legitimate use that was seen, and no guardrail forbids it. Nothing happens with nobody \
there before `guardrails.yaml` protects an account and a principal.

The same detection starts one run, however often it comes. What waits for a person stands in `quell status`: a run whose rest somebody has to \
agree to (`quell resume RUN`), and plans in the folder `waiting` of --state-dir (`quell approve PLAN`, `quell apply PLAN`). An incident for \
which no plan could be made stands in its decision and its notice alone, with the command that plans it.

Beyond what `quell permissions RUNBOOK` prints it needs sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on its queue, \
guardduty:GetFindings and cloudtrail:LookupEvents. `quell triggers export` prints the queue and the rules that fill it.

How much may happen stands in `autopilot.yaml`, in the folder of --config-dir. What goes beyond it waits for people:

  budgets:
    principals_per_account: 5   # roles and users that are acted on in an hour
    principals: 10              # of all accounts; who asks for more trips the breaker
    breaker_minutes: 60         # for so long nothing happens unattended then
    plans: 60                   # plans that are made for people in an hour
  confirm_within_minutes: 20    # for so long AWS is asked whether an event is true
  listen_secret_file: /etc/quell/listen.secret   # `whsec_` and base64
  notify:                       # one of the two, or both
    webhook: https://hooks.example.com/quell
    secret_file: /etc/quell/notify.secret
    command: [/usr/local/bin/page, \"--team\", security]

What is sent to --listen is signed after the Standard Webhooks specification, and so are notices to a webhook; a command gets a notice on stdin. \
A notice holds names, digests and what to type, and nothing of the event. An address that other machines reach needs a secret.

What quell's own user and role do starts nothing, or each containment would be the next detection; a finding about their credentials waits for \
people.

Each decision is one line of JSON on stdout. SIGHUP reads triggers and budgets again, where they are sound; SIGTERM and Ctrl-C let runs stop \
in good order, and the next start goes on with them. What cannot be read is kept in `autopilot/unread` of --state-dir, with the reason.";

#[cfg(test)]
mod tests {
    use super::*;

    /// Help is wrapped at the width that there is: what was wrapped before would break in the middle.
    #[test]
    fn paragraphs_of_help_are_whole_and_examples_fit() {
        let is_text = |line: &&str| !line.is_empty() && !line.starts_with(' ');
        for help in
            [AUTOPILOT_HELP, PLAN_HELP, MATCH_HELP, EXPORT_HELP, APPLY_HELP, RUN_HELP, APPROVE_HELP, GUARDRAILS_HELP]
        {
            let lines: Vec<&str> = help.lines().collect();
            let broken = lines.windows(2).find(|pair| pair.iter().all(is_text));
            assert_eq!(broken, None);
            let wide = lines.iter().find(|line| !is_text(line) && line.chars().count() > 90);
            assert_eq!(wide, None);
        }
    }
}
