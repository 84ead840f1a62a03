// node client.mjs RECORD-FOLDER: @sigstore/verify, the JavaScript reader of transparency logs, over what
// surety-clients-record wrote. Each case is a line of the list below; those that say "refused" damage
// what is good, and fail when the damage is accepted.
//
// It reads base64 leniently and looks at no signature but the log's, so bits are flipped in what it
// does read: the signed text, the signature's bytes, the hashes, the entry.
import { createHash, createPublicKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { verifyCheckpoint } = require("@sigstore/verify/dist/tlog/checkpoint.js");
const { verifyMerkleInclusion } = require("@sigstore/verify/dist/tlog/merkle.js");

const dir = process.argv[2];
const read = (name) => readFileSync(join(dir, name));
const files = (folder) => readdirSync(join(dir, folder)).map((name) => [name, read(join(folder, name))]);

// The log as sigstore wants it: the key's hash as its id, its name within its address.
const [name, hash, base64] = read("record/log.vkey").toString().trimEnd().split(/\+(.*?)\+(.*)/);
const x = Buffer.from(base64, "base64").subarray(1).toString("base64url");
const log = {
  logID: Buffer.from(hash, "hex"),
  baseURL: `https://${name}`,
  publicKey: createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }),
};

const checkpoint = (envelope) => verifyCheckpoint({ inclusionProof: { checkpoint: { envelope } } }, [log]);
const included = (entry, logIndex, hashes, checkpoint) =>
  verifyMerkleInclusion({ canonicalizedBody: entry, inclusionProof: { logIndex, hashes } }, checkpoint);

function parseProof(text) {
  const [head, ...rest] = text.split("\n\n");
  const [first, index, ...hashes] = head.split("\n");
  if (first !== "c2sp.org/tlog-proof@v1") throw new Error("not a tlog-proof");
  return { index: index.slice("index ".length), hashes: hashes.map((h) => Buffer.from(h, "base64")), signed: rest.join("\n\n") };
}

// Entries of the full bundle under this number, or of the partial one.
function bundle(number, size) {
  const three = String(number).padStart(3, "0");
  const whole = number < Math.floor(size / 256);
  const bytes = read(`record/tile/entries/${three}${whole ? "" : `.p/${size % 256}`}`);
  const out = [];
  for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at)) out.push(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)));
  return out;
}
const last = () => Number(checkpoint(read("record/checkpoint").toString()).logSize);
const entry = (index) => bundle(Math.floor(index / 256), last())[index % 256];

function* flips(bytes) {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const bad = Buffer.from(bytes);
    bad[bit >> 3] ^= 1 << (bit & 7);
    yield bad;
  }
}
function refused(run, what) {
  try {
    run();
  } catch {
    return 1;
  }
  throw new Error(`${what} is not noticed`);
}
const sum = (all) => [...all].reduce((a, b) => a + b, 0);

const cases = {
  "verifyCheckpoint accepts every checkpoint": () =>
    files("checkpoints").map(([size, bytes]) => {
      if (checkpoint(bytes.toString()).logSize !== BigInt(size)) throw new Error(`size ${size}`);
    }).length,

  "verifyMerkleInclusion accepts every inclusion proof": () =>
    files("proofs").map(([file, bytes]) => {
      const proof = parseProof(bytes.toString());
      if (!file.endsWith(`-${proof.index}`)) throw new Error(file);
      included(entry(Number(proof.index)), proof.index, proof.hashes, checkpoint(proof.signed));
    }).length,

  "a checkpoint is refused with any bit of its text flipped": () => {
    const [text, signatures] = read("checkpoints/300").toString().split("\n\n");
    return sum([...flips(Buffer.from(text))].map((bad) => refused(() => checkpoint(`${bad.toString()}\n\n${signatures}`), "a flipped text")));
  },

  "a checkpoint is refused with any bit of the log's signature flipped": () => {
    const [text, signatures] = read("checkpoints/300").toString().split("\n\n");
    const [dash, who, good] = signatures.split("\n")[0].split(" ");
    return sum([...flips(Buffer.from(good, "base64"))].map((bad) =>
      refused(() => checkpoint(`${text}\n\n${dash} ${who} ${bad.toString("base64")}\n`), "a flipped signature")));
  },

  "an inclusion proof is refused with any bit of a hash flipped, or one hash too many or too few": () => {
    const { index, hashes, signed } = parseProof(read("proofs/300-5").toString());
    const tree = checkpoint(signed);
    const check = (changed) => refused(() => included(entry(5), index, changed, tree), "a changed proof");
    let n = check([...hashes, hashes[0]]) + check(hashes.slice(1)) + check(hashes.slice(0, -1));
    hashes.forEach((hash, i) => { for (const bad of flips(hash)) n += check(hashes.with(i, bad)); });
    return n;
  },

  "an entry is refused with any bit of it flipped, or in another's place": () => {
    const { index, hashes, signed } = parseProof(read("proofs/300-5").toString());
    const tree = checkpoint(signed), good = entry(5);
    return refused(() => included(good, "6", hashes, tree), "another place") +
      sum([...flips(good)].map((bad) => refused(() => included(bad, index, hashes, tree), "a flipped entry")));
  },

  "a checkpoint of another log is refused, and one whose root is not that of the proof": () => {
    const { index, hashes } = parseProof(read("proofs/300-5").toString());
    const strange = read("checkpoints/300").toString().replaceAll(name, `${name}x`);
    const other = checkpoint(read("checkpoints/257").toString());
    return refused(() => checkpoint(strange), "another log") +
      refused(() => included(entry(5), index, hashes, other), "the root of another size") +
      refused(() => included(entry(5), index, hashes, { ...other, logSize: 300n, logHash: createHash("sha256").digest() }), "another root");
  },
};

let failed = 0;
for (const [title, run] of Object.entries(cases)) {
  try {
    const n = run();
    if (!(n > 0)) throw new Error("there was nothing to check");
    console.log(`ok      Node  ${title} (${n})`);
  } catch (error) {
    failed++;
    console.log(`FAILED  Node  ${title}: ${error.message}`);
  }
}
console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
