// Asks our evaluator and an independent one the same questions; any disagreement is printed and fails.
//
//   node judge.mjs --judge FOLDER-WITH-NODE_MODULES --ours PROGRAM --policies FOLDER [--seed N] [--cases N]

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { makeCase, random, shipped } from './cases.mjs'

const { values: options } = parseArgs({
  options: {
    judge: { type: 'string' }, ours: { type: 'string' }, policies: { type: 'string' },
    seed: { type: 'string', default: '20261122' }, cases: { type: 'string', default: '2000' }
  }
})
const require = createRequire(pathToFileURL(`${options.judge}/`))
const { runSimulation } = require('@cloud-copilot/iam-simulate')

const seed = Number(options.seed)
const dice = random(seed)
const policies = shipped(options.policies)
const cases = Array.from({ length: Number(options.cases) }, () => makeCase(dice, policies))
console.log(`${cases.length} cases, seed ${seed}`)

const asked = spawnSync(options.ours, { input: cases.map(({ ours }) => JSON.stringify(ours) + '\n').join(''), encoding: 'utf8', maxBuffer: 1 << 28 })
if (asked.status !== 0) throw new Error(`our evaluator failed: ${asked.stderr}`)
const answers = asked.stdout.trim().split('\n').map((line) => JSON.parse(line))

const tally = {}
let disagreements = 0
for (const [index, { ours, theirs }] of cases.entries()) {
  const answer = answers[index]
  const simulated = await runSimulation(theirs, {})
  if (simulated.resultType === 'error') throw new Error(`the judge refuses case ${index}: ${JSON.stringify(simulated.errors)} ${JSON.stringify(theirs)}`)
  const mine = answer.decision === 'denied' ? (answer.explicit ? 'ExplicitlyDenied' : 'ImplicitlyDenied') : { allowed: 'Allowed', unknown: 'Unknown' }[answer.decision]
  const judged = simulated.overallResult
  tally[judged] = (tally[judged] ?? 0) + 1
  if (mine !== judged) {
    disagreements += 1
    console.error(`case ${index} of seed ${seed}: ours ${mine} (${answer.why}), the judge ${judged}\n${JSON.stringify(ours, null, 1)}`)
  }
}
console.log(`the judge's answers: ${JSON.stringify(tally)}; disagreements: ${disagreements}`)
if (Object.keys(tally).length < 3) throw new Error('the cases are too tame: one of the three answers never came up')
process.exitCode = disagreements === 0 ? 0 : 1
