// Makes cases for two evaluators. Each case says who asks for what under which policies, and which condition keys AWS
// would add; the keys are worked out here a second time, so that they are judged too.
//
// Left out on purpose, since the judge and the IAM documentation differ, or the documentation is silent: dates in
// seconds, IPv4 against IPv6, `ForAnyValue` with `IfExists`, a resource policy that names a federated user's user, wildcards before the first `/`
// of a resource, NotPrincipal, a federated user without session policy, a session policy that limits beside a
// resource policy that names the session or everybody, and variables without a value under a negation.

import { readFileSync, readdirSync } from 'node:fs'

const ACCOUNT = '111122223333'
const USER = `arn:aws:iam::${ACCOUNT}:user/team/mallory`
const CUTOFF = '2026-11-22T03:00:30Z'
const TIMES = ['2026-11-22T02:00:00Z', '2026-11-22T03:00:29Z', CUTOFF, '2026-11-22T03:00:31Z', '2026-11-22T06:00:00Z']

export function random(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const chance = (share) => next() < share
  const pick = (list) => list[Math.floor(next() * list.length)]
  const some = (list, most) => Array.from({ length: 1 + Math.floor(next() * most) }, () => pick(list))
  return { chance, pick, some }
}

const REQUESTS = [
  { action: 'bedrock:InvokeAgent', resource: `arn:aws:bedrock:us-east-1:${ACCOUNT}:agent-alias/AGENT12345/ALIAS12345` },
  { action: 'bedrock:GetAgent', resource: `arn:aws:bedrock:us-east-1:${ACCOUNT}:agent/AGENT12345` },
  { action: 'bedrock:ListAgents', resource: '*' },
  { action: 's3:GetObject', resource: 'arn:aws:s3:::reports/mallory/plan.txt', policy: true },
  { action: 's3:GetObject', resource: 'arn:aws:s3:::reports/Mallory/plan.txt', policy: true },
  { action: 'iam:CreateAccessKey', resource: `arn:aws:iam::${ACCOUNT}:user/team/mallory` },
  { action: 'iam:ListAccountAliases', resource: '*' },
  { action: 'ec2:StartInstances', resource: `arn:aws:ec2:eu-west-1:${ACCOUNT}:instance/i-0abc` },
  { action: 'sts:AssumeRole', resource: `arn:aws:iam::${ACCOUNT}:role/agents`, trust: true }
]

const ACTIONS = [
  '*', 'bedrock:*', 'BEDROCK:invoke*', 'bedrock:*Agent', 'bedrock:GetAgen?', 'bedrock:??vokeAgent', 's3:*', 's3:Get*', 's3:getobject',
  's3:GetObjec', 'iam:*', 'iam:Create*Key', 'iam:List*', 'ec2:*', 'ec2:Start*', 'sts:AssumeRole', 'sts:Assume*', 'qbusiness:*'
]

const RESOURCES = [
  '*', 'arn:aws:bedrock:*:*:*', `arn:aws:bedrock:us-east-1:${ACCOUNT}:agent-alias/*`, `arn:aws:bedrock:*:${ACCOUNT}:agent/AGENT?????`,
  'arn:aws:bedrock:us-*:*:agent-alias/AGENT12345/*', 'arn:aws:bedrock:eu-west-?:*:agent/*', 'arn:aws:s3:::reports/*',
  'arn:aws:s3:::reports/mallory/*', 'arn:aws:s3:::reports/?allory/*.txt', 'arn:aws:s3:::other/*',
  `arn:aws:iam::${ACCOUNT}:user/*`, `arn:aws:iam::${ACCOUNT}:user/team/mallory`, `arn:aws:iam::${ACCOUNT}:user/mallory`,
  'arn:aws:iam::*:role/*', `arn:aws:ec2:*:${ACCOUNT}:instance/*`
]

function principal(dice, kind) {
  const issued = dice.pick(TIMES)
  const user = USER
  const role = `arn:aws:iam::${ACCOUNT}:role/web-task`
  const common = { 'aws:PrincipalAccount': ACCOUNT, 'aws:PrincipalIsAWSService': 'false' }
  const mfa = dice.chance(0.5)
  switch (kind) {
    case 'user':
      return {
        ours: { kind, arn: user, id: 'AIDAEXAMPLE' },
        arn: user,
        keys: { ...common, 'aws:PrincipalArn': user, 'aws:userid': 'AIDAEXAMPLE', 'aws:username': 'mallory', 'aws:PrincipalType': 'User' }
      }
    case 'user-session':
      return {
        ours: { kind, arn: user, id: 'AIDAEXAMPLE', issued, mfa },
        arn: user,
        keys: {
          ...common, 'aws:PrincipalArn': user, 'aws:userid': 'AIDAEXAMPLE', 'aws:username': 'mallory', 'aws:PrincipalType': 'User',
          'aws:TokenIssueTime': issued, 'aws:MultiFactorAuthPresent': String(mfa)
        }
      }
    case 'role-session':
      return {
        ours: { kind, role, id: 'AROAEXAMPLE', session: 's1', issued, mfa },
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web-task/s1`,
        keys: {
          ...common, 'aws:PrincipalArn': role, 'aws:userid': 'AROAEXAMPLE:s1', 'aws:PrincipalType': 'AssumedRole',
          'aws:TokenIssueTime': issued, 'aws:MultiFactorAuthPresent': String(mfa)
        }
      }
    case 'federated-user': {
      const arn = `arn:aws:sts::${ACCOUNT}:federated-user/guest`
      return {
        ours: { kind, issuer: user, name: 'guest', issued },
        arn,
        keys: {
          ...common, 'aws:PrincipalArn': arn, 'aws:userid': `${ACCOUNT}:guest`, 'aws:PrincipalType': 'FederatedUser',
          'aws:TokenIssueTime': issued
        }
      }
    }
    case 'service':
      return { ours: { kind, name: 'lambda.amazonaws.com' }, arn: 'lambda.amazonaws.com', keys: { 'aws:PrincipalIsAWSService': 'true' } }
  }
}

// One operator with its key and values, fit for the kind of principal: what is unknown there is not asked for.
function condition(dice, kind) {
  const exists = dice.chance(0.3) ? 'IfExists' : ''
  const both = (operator, key, values) => ({ [operator + exists]: { [key]: values } })
  const date = () => dice.pick(TIMES)
  const kinds = [
    () => both(dice.pick(['Bool', 'Bool']), dice.pick(['aws:PrincipalIsAWSService', 'AWS:principalisawsservice']), dice.pick(['true', 'false'])),
    () => both(dice.pick(['IpAddress', 'NotIpAddress']), 'aws:SourceIp', dice.some(['203.0.113.0/24', '203.0.113.7', '198.51.100.0/25'], 2)),
    () => both(dice.pick(['DateLessThan', 'DateGreaterThan', 'DateLessThanEquals', 'DateGreaterThanEquals']), 'aws:CurrentTime', date()),
    () => both(dice.pick(['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase']),
      'aws:RequestedRegion', dice.some(['us-east-1', 'US-EAST-1', 'us-*', 'eu-west-?'], 2)),
    () => both(dice.pick(['NumericLessThan', 'NumericGreaterThanEquals', 'NumericEquals', 'NumericNotEquals']), 'aws:MultiFactorAuthAge', dice.pick(['60', '3600', '3600.0'])),
    () => ({ Null: { [dice.pick(['aws:SourceIp', 'aws:MultiFactorAuthAge', 'aws:PrincipalTag/team'])]: dice.pick(['true', 'false']) } }),
    () => ({
      [dice.pick(['ForAnyValue:', 'ForAllValues:']) + dice.pick(['StringEquals', 'StringNotEquals', 'StringLike'])]:
        { 'aws:TagKeys': dice.some(['team', 'cost', 'te*'], 2) }
    }),
    () => both(dice.pick(['StringEquals', 'StringNotEquals', 'StringLike']), 'aws:PrincipalTag/team', dice.some(['red', 'blue', 'r*'], 2))
  ]
  if (kind !== 'service') {
    const issue = () => both(dice.pick(['DateLessThan', 'DateLessThanEquals', 'DateGreaterThan', 'DateGreaterThanEquals', 'DateEquals', 'DateNotEquals']), 'aws:TokenIssueTime', date())
    kinds.push(issue, issue, issue, issue,
      () => ({ Null: { 'aws:TokenIssueTime': dice.pick(['true', 'false']) } }),
      () => both(dice.pick(['ArnLike', 'ArnNotLike', 'ArnEquals', 'ArnNotEquals']), 'aws:PrincipalArn',
        dice.some([`arn:aws:iam::${ACCOUNT}:user/*`, `arn:aws:iam::*:role/web-task`, `arn:aws:sts::${ACCOUNT}:federated-user/*`, 'arn:aws:iam::*:role/QuellResponder'], 2)),
      () => both(dice.pick(['StringLike', 'StringNotLike', 'StringEquals']), 'aws:userid', dice.some(['AROAEXAMPLE:*', 'AIDA*', 'AROAEXAMPLE:s1', `${ACCOUNT}:guest`], 2)),
      () => both(dice.pick(['StringEquals', 'StringLike', 'StringNotEquals']), 'aws:username', dice.some(['mallory', 'mal*', 'alice'], 2)),
      () => both('StringEquals', 'aws:PrincipalType', dice.some(['User', 'AssumedRole', 'FederatedUser'], 2)))
  }
  if (kind !== 'service' && kind !== 'federated-user') kinds.push(() => both('Bool', 'aws:MultiFactorAuthPresent', dice.pick(['true', 'false'])))
  return dice.pick(kinds)()
}

const one = (list) => (list.length === 1 ? list[0] : list)

function statement(dice, kind, effect) {
  const made = { Effect: effect }
  made[dice.chance(0.15) ? 'NotAction' : 'Action'] = one(dice.some(ACTIONS, 3))
  if (dice.chance(0.1)) made.NotResource = one(dice.some(RESOURCES.slice(1), 2))
  else if (dice.chance(0.45)) made.Resource = '*'
  else made.Resource = one(dice.some(kind === 'user' || kind === 'user-session' ? [...RESOURCES, 'arn:aws:s3:::reports/${aws:username}/*'] : RESOURCES, 3))
  if (dice.chance(effect === 'Deny' ? 0.75 : 0.35)) {
    made.Condition = condition(dice, kind)
    if (dice.chance(0.25)) Object.assign(made.Condition, condition(dice, kind))
  }
  return made
}

function policy(dice, kind, share) {
  const statements = Array.from({ length: dice.pick([1, 1, 2, 3]) }, () => statement(dice, kind, dice.chance(share) ? 'Deny' : 'Allow'))
  return { Version: '2012-10-17', Statement: dice.chance(0.2) ? statements[0] : statements }
}

const FULL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

function resourcePolicy(dice, kind, who, request) {
  const names = [
    '*', { AWS: '*' }, { AWS: ACCOUNT }, { AWS: `arn:aws:iam::${ACCOUNT}:root` }, { AWS: USER },
    { AWS: [`arn:aws:iam::${ACCOUNT}:role/web-task`, '444455556666'] }, { AWS: '444455556666' },
    { Service: 'lambda.amazonaws.com' }, { Service: ['bedrock.amazonaws.com', 'ec2.amazonaws.com'] }
  ].filter((name) => (kind === 'service' ? name === '*' || name.Service : kind !== 'federated-user' || name.AWS !== USER))
  const made = (effect) => {
    const element = { Effect: effect, Principal: dice.pick(names), Action: dice.pick([request.action, request.action.split(':')[0] + ':*']) }
    if (!request.trust) element.Resource = dice.pick([request.resource, 'arn:aws:s3:::reports/*', 'arn:aws:s3:::other/*'])
    if (dice.chance(0.3)) element.Condition = condition(dice, kind)
    return element
  }
  const statements = [made('Allow')]
  if (dice.chance(0.4)) statements.push(made('Allow'))
  if (dice.chance(0.3)) statements.unshift(made('Deny'))
  return { Version: '2012-10-17', Statement: statements }
}

export function shipped(folder) {
  return readdirSync(folder).filter((name) => name.endsWith('.json')).sort()
    .map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')))
}

export function makeCase(dice, shippedPolicies) {
  const request = dice.pick(REQUESTS)
  const hasPolicy = request.trust || (request.policy && dice.chance(0.4))
  const kind = dice.pick(['user', 'user', 'user-session', 'role-session', 'role-session', 'federated-user', ...(hasPolicy ? ['service'] : [])])
  const who = principal(dice, kind)
  const now = dice.pick(['2026-11-22T03:00:31Z', '2026-11-22T07:00:00Z'])
  const extra = {}
  if (dice.chance(0.7)) extra['aws:SourceIp'] = [dice.pick(['203.0.113.7', '198.51.100.200'])]
  if (dice.chance(0.7)) extra['aws:RequestedRegion'] = [dice.pick(['us-east-1', 'eu-west-1'])]
  if (dice.chance(0.4)) extra['aws:MultiFactorAuthAge'] = [dice.pick(['30', '3600'])]
  if (dice.chance(0.5)) extra['aws:PrincipalTag/team'] = [dice.pick(['red', 'blue', 'r*'])]
  if (dice.chance(0.5)) extra['aws:TagKeys'] = dice.some(['team', 'cost', 'other'], 2)

  const identity = []
  if (kind !== 'service') {
    if (dice.chance(0.6)) identity.push(FULL)
    identity.push(policy(dice, kind, 0.4))
    const identityPolicies = shippedPolicies.filter((document) => document.Statement.every((element) => !element.Principal))
    if (dice.chance(0.5)) identity.push(dice.pick(identityPolicies))
  }
  const boundary = kind !== 'service' && dice.chance(0.3) ? (dice.chance(0.3) ? FULL : policy(dice, kind, 0.2)) : undefined
  const document = hasPolicy ? resourcePolicy(dice, kind, who, request) : undefined
  if (request.trust && dice.chance(0.3)) {
    const lock = shippedPolicies.find((shippedOne) => shippedOne.Statement[0].Sid === 'QuellTrustLock').Statement[0]
    document.Statement.unshift(dice.chance(0.5) ? lock : { ...lock, Condition: { BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } } })
  }
  const takesSession = kind === 'role-session' || kind === 'federated-user'
  const session = kind === 'federated-user' || (takesSession && !document && dice.chance(0.4))
    ? (document || dice.chance(0.5) ? FULL : policy(dice, kind, 0.2)) : undefined

  const keys = { ...who.keys, 'aws:CurrentTime': now, 'aws:SecureTransport': 'true' }
  for (const [key, values] of Object.entries(extra)) keys[key] = key === 'aws:TagKeys' ? values : values[0]
  return {
    ours: {
      principal: who.ours, action: request.action, resource: request.resource, now, context: extra, identity,
      ...(boundary && { boundary }), ...(session && { session: [session] }),
      ...(document && { resource_policy: { document, account: ACCOUNT, trust: request.trust === true } })
    },
    theirs: {
      request: { principal: who.arn, action: request.action, resource: { resource: request.resource, accountId: ACCOUNT }, contextVariables: keys },
      sessionPolicy: session,
      identityPolicies: identity.map((document, index) => ({ name: String(index), policy: document })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: document,
      permissionBoundaryPolicies: boundary && [{ name: 'boundary', policy: boundary }]
    }
  }
}
